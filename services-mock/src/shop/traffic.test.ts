import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createIssuer } from '../issuer.ts';
import { createTraffic, type Traffic } from './traffic.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface Visit {
  readonly path: string;
  readonly authorization: string;
}

let folder: string;
let gateway: Server;
let visits: Visit[];
let answers: (response: ServerResponse) => void;
let came: EventEmitter;
let traffic: Traffic;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  folder = await mkdtemp(join(tmpdir(), 'bffkit-traffic-'));
  await writeFile(join(folder, 'partner'), 'authorization: Bearer a-key\n');
  visits = [];
  came = new EventEmitter();
  answers = (response) => response.end('{}');
  gateway = createServer(({ url = '', headers: { authorization = '' } }, response) => {
    visits.push({ path: url, authorization });
    response.once('close', () => came.emit('closed'));
    answers(response);
    came.emit('visit');
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const { port } = gateway.address() as AddressInfo;
  traffic = createTraffic({
    gateways: () => [{ name: 'partner', url: `http://127.0.0.1:${port}` }],
    issuer: createIssuer('http://issuer.test'),
    credentials: { partner: relative(root, join(folder, 'partner')) },
  });
});

afterEach(async () => {
  traffic.stop();
  vi.useRealTimers();
  gateway.closeAllConnections();
  gateway.close();
  await rm(folder, { recursive: true });
});

async function visited(count: number): Promise<void> {
  while (visits.length < count) await once(came, 'visit');
}

it('nobody comes until somebody says so', () => {
  vi.advanceTimersByTime(60_000);
  expect([traffic.mode(), visits]).toEqual(['off', []]);
});

it.each([
  ['gentle', 4],
  ['busy', 24],
] as const)('%s is %d visits a second, each with a credential', async (mode, perSecond) => {
  traffic.set(mode);
  vi.advanceTimersByTime(1_000);
  await visited(perSecond);
  expect(visits.length).toBe(perSecond);
  expect(new Set(visits.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer a-key']));
  expect(new Set(visits.map(({ path }) => path)).size).toBe(4);
});

it('what was owed before a change is not made up for', async () => {
  traffic.set('busy');
  vi.advanceTimersByTime(200);
  traffic.set('gentle');
  vi.advanceTimersByTime(1_000);
  await visited(4);
  expect(visits.length).toBe(4);
});

it('a nudge asks for everything three times, and then it is over', async () => {
  traffic.nudge();
  vi.advanceTimersByTime(60_000);
  await visited(12);
  expect(visits.length).toBe(12);
});

it('when it stops, visits under way break off and none follows', async () => {
  answers = () => {};
  traffic.set('gentle');
  traffic.nudge();
  vi.advanceTimersByTime(250);
  await visited(5);
  const closed = once(came, 'closed');
  traffic.stop();
  await closed;
  const before = visits.length;
  vi.advanceTimersByTime(60_000);
  expect([visits.length, vi.getTimerCount()]).toEqual([before, 0]);
});
