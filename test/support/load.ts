/**
 * A small load generator: so many requests, so many at once, each with its outcome and its time.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, request } from 'undici';

export interface LoadAnswer {
  /** 0 when the connection failed. */
  readonly status: number;
  readonly ms: number;
  readonly body: string;
  readonly degraded: string | undefined;
}

export interface LoadOptions {
  readonly agent: Agent;
  readonly requests: number;
  readonly concurrency: number;
  readonly method?: 'GET' | 'POST';
}

/** Sends `requests` to `url`, or to what `url` makes of the request's number. Never rejects. */
export async function load(
  url: string | ((index: number) => string),
  options: LoadOptions,
): Promise<LoadAnswer[]> {
  const { agent, requests, concurrency, method = 'GET' } = options;
  const answers: LoadAnswer[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < requests) {
      const index = next;
      next += 1;
      answers.push(await ask(typeof url === 'string' ? url : url(index), agent, method));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return answers;
}

export interface OfferOptions {
  readonly agent: Agent;
  readonly requests: number;
  readonly perSecond: number;
}

/** Sends `requests` to `url` at a steady rate, however long the answers take. Never rejects. */
export async function offer(url: string, options: OfferOptions): Promise<LoadAnswer[]> {
  const { agent, requests, perSecond } = options;
  const answers: Promise<LoadAnswer>[] = [];
  const startMs = performance.now();
  while (answers.length < requests) {
    const due = Math.min(requests, Math.ceil(((performance.now() - startMs) / 1_000) * perSecond));
    while (answers.length < due) answers.push(ask(url, agent, 'GET'));
    await sleep(1_000 / perSecond);
  }
  return Promise.all(answers);
}

/** The time below which the share `q` of the answers came, in milliseconds. */
export function quantile(answers: readonly LoadAnswer[], q: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** How many answers had each status. */
export function byStatus(answers: readonly LoadAnswer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function ask(url: string, agent: Agent, method: 'GET' | 'POST'): Promise<LoadAnswer> {
  const startMs = performance.now();
  try {
    const answer = await request(url, { dispatcher: agent, method });
    const body = await answer.body.text();
    const degraded = answer.headers['bff-degraded'];
    return {
      status: answer.statusCode,
      ms: performance.now() - startMs,
      body,
      degraded: Array.isArray(degraded) ? degraded.join(', ') : degraded,
    };
  } catch {
    return { status: 0, ms: performance.now() - startMs, body: '', degraded: undefined };
  }
}
