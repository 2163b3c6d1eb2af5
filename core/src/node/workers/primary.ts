/**
 * The primary: does not serve, but starts the workers, watches over them, takes the signals and answers on the
 * admin port for all of them.
 *
 * @module
 */
import type { Bff } from '../../bff.ts';
import { listen } from '../listen.ts';
import { httpServer } from '../listener.ts';
import { countOpenWork } from '../open-work.ts';
import type { RunningBff } from '../serve.ts';
import type { Settings } from '../serve-options.ts';
import { onSignals } from '../signals.ts';
import { Crew } from './crew.ts';
import { primaryAdmin } from './primary-admin.ts';
import { sumMetrics } from './sum-metrics.ts';

/** What a worker may take beyond its grace and drain: its last words. */
const farewellMs = 5_000;

let isServing = false;

export async function servePrimary(bff: Bff, settings: Settings): Promise<RunningBff> {
  const { logger, workers, graceMs, drainMs } = settings;
  if (isServing) throw new RangeError('serve: one BFF of a process can have workers; serve others without');
  isServing = true;
  await bff.close(); // the workers have their own
  bff.metrics.stop();
  let isLeaving = false;
  const off = new Set<string>();
  const sum = sumMetrics();
  const crew = new Crew({
    name: bff.name,
    count: workers,
    port: settings.port,
    logger,
    leaveMs: graceMs + drainMs + farewellMs,
    off,
    pseudonymKey: settings.pseudonymKey,
    onGone: (slot) => sum.gone(slot),
    onLost(error) {
      logger.error({ deaths: crew.deaths, cause: error.message }, 'workers keep dying');
      process.exitCode = 1;
      void close().then(() => settings.signals && process.exit(1));
    },
  });
  const app = primaryAdmin(bff, { crew, sum, off, isLeaving: () => isLeaving, admin: settings.admin });
  const admin = httpServer({ app }, settings.limits);
  const adminWork = countOpenWork(admin);
  const closeAdmin = (): void => {
    admin.close();
    adminWork.cut();
    isServing = false;
  };
  let closing: Promise<number> | undefined;
  const close = (): Promise<number> => {
    isLeaving = true;
    closing ??= leave().finally(() => stopSignals());
    return closing;
  };
  const leave = async (): Promise<number> => {
    logger.info({ graceMs, workers }, 'draining');
    const aborted = await crew.leave();
    closeAdmin();
    logger.info({ aborted }, 'closed');
    await logger.flush?.();
    return aborted;
  };
  const stopSignals = settings.signals ? onSignals(close, () => crew.end()) : () => {};
  try {
    const adminAt = { port: settings.adminPort, hostname: settings.adminHostname };
    const adminUrl = `http://${await listen(`${bff.name} admin`, admin, adminAt)}`;
    const { remembersAlone } = bff;
    if (remembersAlone.length > 0) {
      logger.warn({ workers, remembersAlone }, 'each worker remembers this alone; give it a shared store');
    }
    const url = await crew.start(adminUrl);
    const endpoints = bff.graph.endpoints.length;
    logger.info({ url, adminUrl, owner: bff.owner, endpoints, workers }, 'listening');
    return { url, adminUrl, close };
  } catch (error) {
    crew.end();
    closeAdmin();
    stopSignals();
    throw error;
  }
}
