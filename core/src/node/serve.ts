/**
 * Serves a BFF with Node's own servers: listens on the public and the admin port, terminates TLS where
 * it is asked to, and leaves without losing a request. One process does, unless more are asked for.
 *
 * @module
 */
import type { Bff } from '../bff.ts';
import { adminApp } from './admin.ts';
import { listen } from './listen.ts';
import { httpServer } from './listener.ts';
import { countOpenWork } from './open-work.ts';
import { publicDoor } from './public-door.ts';
import { readServeOptions, type ServeOptions, type Settings } from './serve-options.ts';
import { onSignals } from './signals.ts';
import { until } from './waiting.ts';

/** A listening BFF. */
export interface RunningBff {
  readonly url: string;
  readonly adminUrl: string;
  /** Drains and closes. Resolves to the number of requests that had to be aborted. Safe to call twice. */
  close(): Promise<number>;
}

/**
 * Listens on both ports: on the admin port at once, on the public one when every upstream has a target.
 * With `workers`, resolves when all of them listen; in each of them, when it does.
 *
 * @throws {RangeError} for an unknown option, a value out of range, a certificate that cannot be used,
 * or a Node that was told to parse HTTP insecurely.
 * @throws {Error} when a port is taken, or workers die as they start.
 */
export async function serve(bff: Bff, options: ServeOptions): Promise<RunningBff> {
  const settings = await readServeOptions(bff.name, options);
  const { pseudonymKey } = settings;
  if (pseudonymKey !== undefined) bff.useProcessKeys({ pseudonym: pseudonymKey });
  if (settings.workers === 1) return serveAlone(bff, settings);
  const { serveTogether } = await import('./workers/serve-together.ts');
  return serveTogether(bff, settings);
}

async function serveAlone(bff: Bff, settings: Settings): Promise<RunningBff> {
  const { limits, graceMs, logger } = settings;
  let isLeaving = false;
  const admin = httpServer({ app: adminApp(bff, () => !isLeaving, settings.admin) }, limits);
  const door = publicDoor(bff, settings);
  const adminWork = countOpenWork(admin);
  const closeAdmin = (): void => {
    admin.close();
    adminWork.cut();
  };

  let leave = async (): Promise<number> => {
    closeAdmin(); // until it serves, there is nothing to wait for
    await door.giveUp();
    return 0;
  };
  let closing: Promise<number> | undefined;
  const close = (): Promise<number> => {
    isLeaving = true;
    closing ??= leave().finally(() => stopSignals());
    return closing;
  };
  const stopSignals = settings.signals ? onSignals(close) : () => {};
  try {
    const adminAt = { port: settings.adminPort, hostname: settings.adminHostname };
    const adminUrl = `http://${await listen(`${bff.name} admin`, admin, adminAt)}`;
    await until(() => bff.upstreams.isReady || isLeaving, Number.POSITIVE_INFINITY);
    if (isLeaving) return await theEnd;
    const url = await door.open(settings);
    if (isLeaving) return await theEnd;

    door.attend();
    leave = async () => {
      logger.info({ graceMs, liveRequests: bff.liveRequests() }, 'draining');
      const aborted = await door.leave(graceMs);
      closeAdmin();
      logger.info({ aborted }, 'closed');
      await logger.flush?.();
      return aborted;
    };
    logger.info({ url, adminUrl, owner: bff.owner, endpoints: bff.graph.endpoints.length }, 'listening');
    return { url, adminUrl, close };
  } catch (error) {
    closeAdmin();
    door.stop();
    stopSignals();
    throw error;
  }
}

/** A signal came before anything was served: it ends the process, and nobody waits for more. */
const theEnd = new Promise<never>(() => {});
