/**
 * A lock between processes: a file that only one of them can create. Whoever holds it does so for
 * moments; a lock that stays the same for seconds was left behind by a process that died.
 *
 * Its age is measured by who waits, so that neither the dates of files nor process ids of other
 * containers matter.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/open.2.html open(2)}, O_EXCL
 * @module
 */
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import type { Clock } from '../context/clock.ts';
import { randomIds } from '../context/ids.ts';

const pauseMs = 5;
const staleMs = 3_000;
const giveUpMs = 5_000;
const ids = randomIds(256);

/** Whether the lock is still held: a process that was stopped for seconds may have lost it. */
export type IsHeld = () => Promise<boolean>;

/**
 * Runs `work` while nobody else holds the lock at `path`.
 *
 * @throws {Error} when the lock cannot be had within five seconds, or no file can be created there.
 */
export async function withLock<T>(
  path: string,
  clock: Clock,
  work: (isHeld: IsHeld) => Promise<T>,
): Promise<T> {
  const token = ids.traceId();
  const isHeld = async (): Promise<boolean> => (await holderOf(path)) === token;
  await acquire(path, token, clock);
  try {
    return await work(isHeld);
  } finally {
    if (await isHeld()) await unlink(path).catch(() => {}); // gone is free, too
  }
}

async function acquire(path: string, token: string, clock: Clock): Promise<void> {
  const startMs = clock.monotonicMs();
  let holder: string | undefined;
  let sinceMs = startMs;
  while (!(await create(path, token))) {
    const nowMs = clock.monotonicMs();
    const seen = await holderOf(path);
    if (seen !== holder) {
      holder = seen;
      sinceMs = nowMs;
    } else if (holder !== undefined && nowMs - sinceMs >= staleMs) {
      await breakOpen(path, holder, token);
    }
    if (nowMs - startMs >= giveUpMs) throw new Error(`${path} is held by another process`);
    await pause(clock);
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock away, which only one process can; gives it back when it is not the stale one after all. */
async function breakOpen(path: string, stale: string, token: string): Promise<void> {
  const away = `${path}.${token}`;
  try {
    await rename(path, away);
  } catch {
    return; // somebody was faster
  }
  if ((await holderOf(away)) !== stale) await link(away, path).catch(() => {}); // or its holder finds that it is lost
  await unlink(away);
}

async function holderOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(pauseMs, resolve);
  });
}
