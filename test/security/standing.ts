/**
 * What is true of every refusal, whatever was attacked: it is a problem that nobody may store, it sets no
 * session and repeats nothing, the log does not either, and no service heard of it.
 *
 * @module
 */
import { expect } from 'vitest';
import type { FaultyUpstream } from '../support/faulty-upstream.ts';

export interface Refused {
  readonly status: number;
  readonly code: string;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Watched {
  /** Lines of the log. */
  readonly log: readonly unknown[];
  /** Which must not be called. */
  readonly service?: Pick<FaultyUpstream, 'requests'>;
  /** What may stand in no answer and no log. */
  readonly secrets: readonly string[];
}

/** Asks, and holds the answer against all of it. */
export async function refusal(
  ask: () => Response | Promise<Response>,
  { log, service, secrets }: Watched,
): Promise<Refused> {
  const [lines, calls] = [log.length, service?.requests.length];
  const { status, headers, ...answer } = await textOf(await ask());
  const body = JSON.parse(answer.text) as Record<string, unknown>;
  expect([status >= 400, headers.get('content-type')]).toEqual([true, 'application/problem+json']);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.getSetCookie().filter((line) => !line.includes('Max-Age=0'))).toEqual([]);
  expect(body).toMatchObject({ status, requestId: headers.get('x-request-id') });
  const visible = [answer.text, JSON.stringify([...headers]), JSON.stringify(log.slice(lines))].join('\n');
  for (const secret of secrets) expect(visible).not.toContain(secret);
  expect(service?.requests.length).toBe(calls);
  return { status, code: String(body.code), headers, body };
}

async function textOf(answer: Response) {
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
