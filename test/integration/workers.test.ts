/**
 * `serve` with workers: several processes that look like one from outside, and none of them is left behind.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineBff } from 'bffkit';
import { serve } from 'bffkit/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { http2Client } from '../support/http2-client.ts';
import { getRequest, rawClient } from '../support/raw-client.ts';
import { serverPair } from '../support/tls-files.ts';
import type { WorkersBffOptions } from '../support/workers-bff.ts';
import { askOnce, isAlive, type WorkersChild, workersChild } from '../support/workers-child.ts';

const admin = { host: 'localhost' } as const;

interface Running extends WorkersChild {
  readonly url: string;
  readonly adminUrl: string;
  /** The process of each worker, by its place. */
  pids(): Promise<readonly number[]>;
}

let service: FaultyUpstream;
let children: WorkersChild[] = [];

beforeEach(async () => {
  service = await faultyUpstream(faults.ok({ id: '1' }));
});

afterEach(async () => {
  await endAll(children);
  children = [];
  await service.close();
});

async function endAll(running: readonly WorkersChild[]): Promise<void> {
  for (const { pid } of running) {
    try {
      process.kill(-pid, 'SIGKILL'); // the whole group
    } catch {} // it is gone already
  }
  await Promise.all(running.map(({ exit }) => exit));
}

function begin(options: Omit<WorkersBffOptions, 'serviceUrl'>): WorkersChild {
  const child = workersChild({ serviceUrl: service.url, ...options });
  children.push(child);
  return child;
}

async function start(options: WorkersBffOptions['serve'] = {}): Promise<Running> {
  return running(begin({ serve: options }), options);
}

async function running(child: WorkersChild, options: WorkersBffOptions['serve'] = {}): Promise<Running> {
  const { url, adminUrl } = (await child.line('listening')) as unknown as Running;
  const token = options.adminToken;
  return {
    ...child,
    url,
    adminUrl,
    async pids() {
      const asked = token === undefined ? admin : { ...admin, token };
      const { body } = await askOnce(`${adminUrl}/readyz?verbose`, asked);
      return (body as { workers: { pid: number }[] }).workers.map(({ pid }) => pid);
    },
  };
}

/** Asks until every process in `pids` has answered. */
async function askEach(url: string, pids: readonly number[]): Promise<Map<number, Record<string, unknown>>> {
  const answers = new Map<number, Record<string, unknown>>();
  for (let turn = 0; turn < 40 && answers.size < pids.length; turn += 1) {
    const { body } = await askOnce(url);
    answers.set(body.pid, body);
  }
  expect([...answers.keys()].sort()).toEqual([...pids].sort());
  return answers;
}

/** `count` requests, a few at once, each on a connection of its own. */
async function statusesOf(url: string, count: number): Promise<number[]> {
  const statuses: number[] = [];
  const work = async (): Promise<void> => {
    while (statuses.length < count)
      statuses.push(
        await askOnce(url).then(
          ({ status }) => status,
          () => 0,
        ),
      );
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return statuses;
}

describe('two workers', { timeout: 90_000 }, () => {
  const shared: WorkersChild[] = [];
  let own: FaultyUpstream;
  let child: Running;

  beforeAll(async () => {
    own = await faultyUpstream(faults.ok({ id: '1' }));
    shared.push(workersChild({ serviceUrl: own.url, serve: {} }));
    for (const begun of shared) child = await running(begun);
  }, 90_000);

  afterAll(async () => {
    await endAll(shared);
    await own.close();
  });

  test('answer in turn on one port; the first process only watches over them', async () => {
    const { url, pid, pids, log } = child;
    const workers = await pids();
    expect(workers).toHaveLength(2);
    expect(workers).not.toContain(pid);
    await askEach(`${url}/who`, workers);
    expect(log.filter(({ msg }) => msg === 'listening')).toHaveLength(1);
    expect(log.filter(({ remembersAlone }) => remembersAlone !== undefined)).toMatchObject([
      { level: 'warn', workers: 2, remembersAlone: ['limits'] },
    ]);
  });

  test('have one admin port: their metrics add up to what was sent', async () => {
    const { url, adminUrl, pids } = child;
    await askEach(`${url}/who`, await pids());
    const count = async (target: string): Promise<number> => {
      const { text } = await askOnce(adminUrl + target, admin);
      const line = /^bff_http_request_duration_seconds_count\{[^}]*route="\/part"[^}]*\} (\d+)$/m.exec(text);
      return Number(line?.[1] ?? 0);
    };
    expect(new Set(await statusesOf(`${url}/part`, 60))).toEqual(new Set([200]));
    const [one, two] = [await count('/workers/1/metrics'), await count('/workers/2/metrics')];
    const sent = one + two;
    expect([one > 10, two > 10, sent >= 60]).toEqual([true, true, true]);
    expect(await count('/metrics')).toBe(sent);
    const { text } = await askOnce(`${adminUrl}/metrics`, admin);
    expect(text).toMatch(/^bff_workers\{state="listening",bff="child"\} 2$/m);
    expect(text).toMatch(/^bff_upstream_targets\{.*worker="1"\} 1$/m);
  });

  test('open the cursors of each other', async () => {
    const { url, pids } = child;
    const workers = await pids();
    for (const [, page] of await askEach(`${url}/list`, workers)) {
      const next = await askEach(`${url}/list?cursor=${String(page.next)}`, workers);
      expect([...next.values()].map(({ at }) => at)).toEqual(['the second page', 'the second page']);
    }
  });

  test('name a caller alike', async () => {
    const { url, log } = child;
    const names = (): string[] =>
      log.flatMap(({ msg, limit }) => (msg === 'request' ? [(limit as { ip: string }).ip] : []));
    const before = names().length;
    await statusesOf(`${url}/part`, 40); // in turn: some to each
    await vi.waitFor(() => expect(names().length).toBeGreaterThanOrEqual(before + 40), 5_000);
    expect(new Set(names()).size).toBe(1);
  });

  test('keep their pages behind the token', async () => {
    const token = 'a token of at least 32 characters';
    const { adminUrl, pids } = await start({ adminToken: token });
    for (const path of ['/metrics', '/graph', '/workers/2/graph', '/readyz?verbose']) {
      expect([path, (await askOnce(adminUrl + path, admin)).status]).toEqual([path, 401]);
      expect([path, (await askOnce(adminUrl + path, { ...admin, token })).status]).toEqual([path, 200]);
    }
    expect((await askOnce(`${adminUrl}/off/shop.get`, { ...admin, method: 'PUT' })).status).toBe(401);
    expect((await askOnce(`${adminUrl}/readyz`, admin)).body).toEqual({ status: 'ready' });
    expect((await askOnce(`${adminUrl}/livez`, { host: 'evil.test' })).status).toBe(421);
    expect(await pids()).toHaveLength(2);
  });

  test('speak TLS and HTTP/2 as one process does', async () => {
    const { url, pids } = await start({ tls: serverPair });
    const workers = await pids();
    await askEach(`${url}/who`, workers);
    const clients = await Promise.all([http2Client(url), http2Client(url)]);
    const answers = await Promise.all(clients.map((client) => client.ask({ ':path': '/who' })));
    for (const client of clients) client.close();
    const asked = answers.map(({ body }) => (JSON.parse(body.toString()) as { pid: number }).pid);
    expect(asked.sort()).toEqual([...workers].sort());
  });

  test('are switched together, and so is whoever replaces one of them', async () => {
    const { url, adminUrl, pids, line } = await start();
    const statuses = async () => new Set(await statusesOf(`${url}/part`, 12));
    expect((await askOnce(`${adminUrl}/off/shop.get`, { ...admin, method: 'PUT' })).body).toEqual({
      operation: 'shop.get',
      on: false,
    });
    expect(await statuses()).toEqual(new Set([503]));
    const [first = 0] = await pids();
    process.kill(first, 'SIGKILL');
    await line('worker listening', ({ worker, pid }) => worker === 1 && pid !== first);
    expect(await statuses()).toEqual(new Set([503]));
    await askOnce(`${adminUrl}/off/shop.get`, { ...admin, method: 'DELETE' });
    expect(await statuses()).toEqual(new Set([200]));
    expect((await askOnce(`${adminUrl}/off/shop.nothing`, { ...admin, method: 'PUT' })).status).toBe(404);
  });
});

describe('a worker that dies', { timeout: 90_000 }, () => {
  test('is replaced, while the other one answers', async () => {
    const { url, adminUrl, pids, line } = await start();
    const [first = 0, second = 0] = await pids();
    const clients = await Promise.all([rawClient(url), rawClient(url)]);
    const kept = [];
    for (const client of clients) {
      client.write(getRequest('/who'));
      const { pid } = JSON.parse((await client.answer()).body.toString()) as { pid: number };
      if (pid === second) kept.push(client);
    }
    expect(kept).toHaveLength(1);
    process.kill(first, 'SIGKILL');
    expect(await line('worker died')).toMatchObject({ worker: 1, pid: first, exit: 'SIGKILL' });
    for (let turn = 0; turn < 20; turn += 1) {
      kept[0]?.write(getRequest('/who'));
      expect((await kept[0]?.answer())?.status).toBe(200);
    }
    await line('worker listening', ({ worker, pid }) => worker === 1 && pid !== first);
    const now = await pids();
    expect(now).toEqual([expect.not.toBeOneOf([first]), second]);
    await askEach(`${url}/who`, now);
    expect((await askOnce(`${adminUrl}/readyz`, admin)).status).toBe(200);
    const { text } = await askOnce(`${adminUrl}/metrics`, admin);
    expect(text).toMatch(/^bff_worker_deaths_total\{bff="child"\} 1$/m);
  });

  test('five times within a minute ends them all, with a clear line and code 1', async () => {
    const child = await start();
    const killed: number[] = [];
    while (killed.length < 5) {
      const next = await vi.waitFor(
        async () => {
          const [first = 0] = await child.pids();
          expect([0, undefined, ...killed]).not.toContain(first);
          return first;
        },
        { interval: 20, timeout: 15_000 },
      );
      process.kill(next, 'SIGKILL');
      killed.push(next);
    }
    expect(await child.line('workers keep dying')).toMatchObject({
      level: 'error',
      cause: 'workers of child died 5 times within a minute, the last with SIGKILL',
    });
    expect(await child.exit).toBe(1);
  });

  test('before it serves, again and again, ends the start with a clear error', async () => {
    const child = begin({ serve: {}, worker: 'exits' });
    expect(await child.exit).toBe(1);
    expect(await child.complaints).toBe(
      'cannot start: workers of child died 5 times within a minute, the last with code 3\n',
    );
  });

  test('because its program is wrong says why, once', async () => {
    const child = begin({ serve: {}, worker: 'throws' });
    expect(await child.exit).toBe(1);
    expect(await child.complaints).toBe('cannot start: workers-bff: this cannot work\n');
  });

  test('because the port is taken says so, once', async () => {
    const port = Number(new URL(service.url).port);
    const child = begin({ serve: { port } });
    expect(await child.exit).toBe(1);
    expect(await child.complaints).toMatch(/^cannot start: port \d+ is taken \(child\)[^\n]*\n$/);
  });
});

describe('leaving', { timeout: 90_000 }, () => {
  test('SIGTERM to the whole group loses no request, and ends with 0', async () => {
    const { url, pid, pids, exit, adminUrl } = await start({ graceMs: 1_500 });
    const workers = await pids();
    let isWanted = true;
    const answers: (number | string)[] = [];
    const note = (error: NodeJS.ErrnoException): void => void answers.push(error.code ?? error.message);
    const comesAnew = async (): Promise<void> => {
      while (isWanted) await askOnce(`${url}/part`).then(({ status }) => answers.push(status), note);
    };
    const stays = async (): Promise<void> => {
      const client = await rawClient(url);
      for (let isKept = true; isKept; ) {
        client.write(getRequest('/part'));
        const { status, headers } = await client.answer();
        answers.push(status);
        isKept = headers.connection !== 'close';
      }
    };
    const loads = [comesAnew(), comesAnew(), ...Array.from({ length: 4 }, () => stays().catch(note))];
    await vi.waitFor(() => expect(answers.length).toBeGreaterThan(200), { timeout: 20_000 });
    process.kill(-pid, 'SIGTERM');
    await vi.waitFor(async () => {
      expect((await askOnce(`${adminUrl}/readyz`, admin)).body).toEqual({ status: 'draining' });
    });
    isWanted = false; // as a load balancer that has seen it
    await Promise.all(loads);
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await exit).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
  });

  test('what is in flight finishes, at both', async () => {
    const { url, pid, exit, line } = await start();
    const asked: (() => void)[] = [];
    service.mode = (socket, seen) => void asked.push(() => faults.ok({ id: '2' })(socket, seen));
    const clients = await Promise.all([rawClient(url), rawClient(url)]);
    for (const client of clients) client.write(getRequest('/part'));
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    process.kill(pid, 'SIGTERM');
    await line('worker draining', ({ worker }) => worker === 2);
    for (const answerIt of asked) answerIt();
    for (const client of clients) expect((await client.answer()).status).toBe(200);
    expect(await exit).toBe(0);
  });

  test('what does not finish in time is counted, and the code is 1', async () => {
    const { url, pid, exit, line } = await start({ drainMs: 50 });
    service.mode = faults.hang;
    const clients = await Promise.all([rawClient(url), rawClient(url)]);
    for (const client of clients) client.write(getRequest('/part'));
    await Promise.all([service.nextRequest(), vi.waitFor(() => expect(service.requests).toHaveLength(2))]);
    process.kill(pid, 'SIGTERM');
    for (const client of clients) expect((await client.answer()).status).toBe(503);
    expect(await line('closed')).toMatchObject({ aborted: 2 });
    expect(await exit).toBe(1);
  });

  test('a second SIGTERM ends all of them at once', async () => {
    const { url, pid, pids, exit, line } = await start();
    const workers = await pids();
    service.mode = faults.hang;
    const client = await rawClient(url);
    client.write(getRequest('/part'));
    await service.nextRequest();
    process.kill(pid, 'SIGTERM');
    await line('worker draining');
    process.kill(pid, 'SIGTERM');
    expect(await exit).toBe(1);
    await client.closed;
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), { timeout: 10_000 });
  });

  test('when the primary is killed, the workers finish what they have and end', async () => {
    const { url, pid, pids, exit } = await start();
    const workers = await pids();
    const asked = Promise.withResolvers<() => void>();
    service.mode = (socket, seen) => asked.resolve(() => faults.ok({ id: '2' })(socket, seen));
    const client = await rawClient(url);
    client.write(getRequest('/part'));
    const answerIt = await asked.promise;
    process.kill(pid, 'SIGKILL');
    await exit;
    await sleep(50); // the worker must not have ended by now
    answerIt();
    expect((await client.answer()).status).toBe(200);
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), { timeout: 10_000 });
  });

  test('SIGTERM while a service has no target yet ends all of them with 0', async () => {
    const child = begin({ serve: {}, worker: 'waits' });
    await child.line('waiting');
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exit).toBe(0);
    expect(await child.complaints).toBe('');
  });
});

test.each([
  [0, 'serve: workers must be a number from 1 to 64, got 0'],
  [1.5, 'serve: workers must be a whole number from 1 to 64, got 1.5'],
  ['x', 'serve: workers must be a whole number from 1 to 64, got x'],
  [65, 'serve: workers must be a number from 1 to 64, got 65'],
])('%s workers are refused', async (workers, message) => {
  const bff = defineBff({ name: 'test', owner: '@acme/test', endpoints: [], upstreams: [] });
  const serving = serve(bff, { port: 0, adminPort: 0, workers: workers as number });
  await expect(serving).rejects.toThrow(new RangeError(message));
  await bff.close();
});
