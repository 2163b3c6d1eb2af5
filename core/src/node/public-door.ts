/**
 * The public side of one process: the server that clients talk to, what it still has to do, and how loaded
 * the process is.
 *
 * @module
 */
import type { Server as TlsServer } from 'node:tls';
import type { Bff } from '../bff.ts';
import { logFacts } from '../telemetry/access-log.ts';
import { answerClientErrors, refusals } from './client-errors.ts';
import { drain } from './drain.ts';
import { type Address, listen } from './listen.ts';
import { httpServer, httpsServer } from './listener.ts';
import { loadMonitor } from './load-monitor.ts';
import { countOpenWork } from './open-work.ts';
import type { Settings } from './serve-options.ts';
import { allocateYoung } from './young-generation.ts';

export interface Door {
  /**
   * Listens; resolves to the URL.
   *
   * @throws {Error} when the port is taken.
   */
  open(at: Address): Promise<string>;
  /** From now on facts are logged, and a new certificate is used. */
  attend(): void;
  /** Leaves without losing a request. Resolves to the number of requests that had to be aborted. */
  leave(graceMs: number): Promise<number>;
  /** Closes a door that never opened, and the BFF behind it. */
  giveUp(): Promise<void>;
  /** Stops measuring the load; for a process that cannot serve. */
  stop(): void;
}

/** A door that is not open yet. */
export function publicDoor(bff: Bff, settings: Settings): Door {
  const { certificate, limits, logger, log, drainMs } = settings;
  allocateYoung();
  const refuse = refusals(bff.name, bff.events);
  const server =
    certificate === undefined
      ? httpServer(bff, limits)
      : httpsServer(bff.app, { limits, certificate, refuse });
  const work = countOpenWork(server);
  answerClientErrors(server, work, refuse);
  const monitor = loadMonitor();
  bff.usePressure(monitor);
  bff.metrics.watchProcess({ connections: () => work.connections() });
  const stops: (() => void)[] = [];
  return {
    async open(at) {
      const host = await listen(bff.name, server, at);
      return `${certificate === undefined ? 'http' : 'https'}://${host}`;
    },
    attend() {
      stops.push(logFacts(bff, logger, log));
      const onProblem = (error: Error): void =>
        bff.events.emit('problem', { part: 'tls certificate', error });
      if (certificate !== undefined) stops.push(certificate.keepFresh(server as TlsServer, onProblem));
    },
    async leave(graceMs) {
      const aborted = await drain(server, { bff, work, graceMs, drainMs });
      for (const stop of stops) stop();
      monitor.stop();
      bff.metrics.stop();
      return aborted;
    },
    async giveUp() {
      monitor.stop();
      server.close();
      await bff.close();
      bff.metrics.stop();
    },
    stop: () => monitor.stop(),
  };
}
