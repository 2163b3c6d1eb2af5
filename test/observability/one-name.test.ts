/** A person has one name wherever operators look: in the log, in explanations, on the console. */
import { createHmac } from 'node:crypto';
import { endpoint, signedIn } from 'bffkit';
import { asCaller } from 'bffkit/testing';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type ServedBff, served } from '../support/served.ts';

const me = endpoint('GET', '/api/me', { summary: 'Who asks.', access: signedIn(), deadlineMs: 2_000 })
  .plan(({ derive }) => ({ me: derive({}, ({ principal }) => principal.subject) }))
  .respond(z.string(), ({ me: id }) => id);

async function start(pseudonymKey?: string): Promise<ServedBff> {
  const parts = { upstreams: [], endpoints: [me], serverTiming: true };
  const running = await served(parts, pseudonymKey === undefined ? {} : { pseudonymKey });
  onTestFinished(async () => void (await running.close()));
  return running;
}

/** The names of the person who just asked. */
async function namesOf({ url, adminUrl, log }: ServedBff): Promise<readonly unknown[]> {
  const headers = asCaller('usr_0001');
  const requestId = (await fetch(`${url}/api/me`, { headers })).headers.get('x-request-id');
  const page = async (path: string): Promise<string> => (await fetch(adminUrl + path)).text();
  const record = JSON.parse(await page(`/requests/${requestId}`)) as { identity?: { id?: unknown } };
  const [, shown] = /"caller":"([^"]+)"/.exec(await page('/console/data')) ?? [];
  const line = log.find(({ msg }) => msg === 'request');
  return [line?.principal, record.identity?.id, shown];
}

test('that is what whoever has the key can work out', async () => {
  const key = 'a key of more than thirty-two characters';
  const hash = createHmac('sha256', key).update('user::usr_0001').digest('base64url').slice(0, 16);
  expect(await namesOf(await start(key))).toEqual(Array(3).fill(`user:${hash}`));
});

test('without a key it is the same in all of them, and another for each BFF', async () => {
  const [one, other] = [await namesOf(await start()), await namesOf(await start())];
  for (const names of [one, other]) {
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^user:[\w-]{16}$/);
  }
  expect(one).not.toEqual(other);
});

test('a key that can be guessed stops the start, and is not repeated', async () => {
  await expect(start('short-canary')).rejects.toThrow(
    'serve: pseudonymKey must have at least 32 characters, it has 12',
  );
});
