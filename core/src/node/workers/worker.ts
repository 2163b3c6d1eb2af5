/**
 * A worker: listens on the public port that all of them share, and does what the primary says. Signals are the
 * primary's: what reaches the whole group reaches it as well. When the primary is gone, the worker finishes
 * what it has and ends.
 *
 * @module
 */
import cluster from 'node:cluster';
import type { Bff } from '../../bff.ts';
import { adminApp } from '../admin.ts';
import { publicDoor } from '../public-door.ts';
import type { RunningBff } from '../serve.ts';
import type { Settings } from '../serve-options.ts';
import { until } from '../waiting.ts';
import { answerPrimary } from './answer-primary.ts';
import { type Envelope, messageIn, type Start, type ToPrimary, type ToWorker } from './messages.ts';

/** Nobody new comes any more when the primary is gone; it is only those who are connected that must be told. */
const orphanGraceMs = 500;

export async function serveAsWorker(bff: Bff, settings: Settings): Promise<RunningBff> {
  const { logger } = settings;
  const ignore = (): void => {};
  process.on('SIGTERM', ignore).on('SIGINT', ignore);
  if (cluster.worker !== undefined) cluster.worker.exitedAfterDisconnect = true; // else Node ends it at once
  let isLeaving = false;
  const admin = adminApp(bff, () => !isLeaving, settings.admin);
  const door = publicDoor(bff, settings);
  const answers = answerPrimary(admin.fetch, tell);
  let leave = async (_graceMs: number): Promise<number> => {
    await door.giveUp();
    return 0;
  };
  let closing: Promise<number> | undefined;
  const close = (graceMs: number): Promise<number> => {
    isLeaving = true;
    closing ??= leave(graceMs).finally(() => answers.end());
    return closing;
  };
  const end = (graceMs: number): void => {
    void close(graceMs).then(
      (aborted) => tell({ kind: 'left', aborted }, () => process.exit(0)),
      () => process.exit(1),
    );
  };
  process.once('disconnect', () => end(Math.min(settings.graceMs, orphanGraceMs)));
  const { slot, port, adminUrl, keys, off } = await greet((message) => {
    if (message.kind === 'leave') end(settings.graceMs);
    else if (message.kind !== 'start') answers.receive(message);
  });
  bff.useProcessKeys(keys);
  for (const operation of off) bff.upstreams.switch(operation, false);
  await until(() => bff.upstreams.isReady || isLeaving, Number.POSITIVE_INFINITY);
  if (isLeaving) return theEnd;
  const url = await door.open({ port, hostname: settings.hostname });
  door.attend();
  leave = async (graceMs) => {
    logger.info({ worker: slot, graceMs, liveRequests: bff.liveRequests() }, 'worker draining');
    const aborted = await door.leave(graceMs);
    logger.info({ worker: slot, aborted }, 'worker closed');
    await logger.flush?.();
    return aborted;
  };
  tell({ kind: 'listening', url });
  return {
    url,
    adminUrl,
    async close() {
      tell({ kind: 'leaving' });
      const aborted = await close(settings.graceMs);
      tell({ kind: 'left', aborted });
      process.channel?.unref(); // it ends when its program does
      return aborted;
    },
  };
}

/** Says that this process is there; resolves to what it needs, while everything that is said goes to `hear`. */
function greet(hear: (message: ToWorker) => void): Promise<Start> {
  return new Promise((resolve) => {
    process.on('message', (received) => {
      const message = messageIn<ToWorker>(received);
      if (message?.kind === 'start') resolve(message);
      if (message !== undefined) hear(message);
    });
    tell({ kind: 'hello' });
  });
}

function tell(message: ToPrimary, told = (): void => {}): void {
  const envelope: Envelope<ToPrimary> = { bffkit: message };
  if (process.connected) process.send?.(envelope, undefined, undefined, told);
  else told();
}

/** The process is ended before it served; nobody waits for more. */
const theEnd = new Promise<never>(() => {});
