/**
 * A BFF with workers, for tests: `node workers-bff.ts OPTIONS`, where OPTIONS are {@link WorkersBffOptions} as JSON.
 * Its log goes to standard output, the line `listening` when all workers do.
 *
 * @module
 */
import cluster from 'node:cluster';
import type { Socket } from 'node:net';
import {
  anyone,
  bind,
  defineBff,
  endpoint,
  functionTargets,
  get,
  nextCursor,
  pageQuery,
  upstream,
} from 'bffkit';
import { runMain, type ServeOptions, serve } from 'bffkit/node';
import { z } from 'zod';

export interface WorkersBffOptions {
  readonly serviceUrl: string;
  readonly serve: Partial<ServeOptions>;
  /** How each worker fails before it serves. Default not at all. */
  readonly worker?: 'exits' | 'throws' | 'waits';
}

const options = JSON.parse(process.argv[2] ?? '{}') as WorkersBffOptions;
const Part = z.object({ id: z.string() });
const Who = z.object({ pid: z.number() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const common = { access: anyone(), deadlineMs: 10_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/part', { summary: 'A part.', ...common })
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('GET', '/who', { summary: 'Who answers.', ...common }).handle(Who, async () => ({
    pid: process.pid,
  })),
  endpoint('GET', '/list', { summary: 'A list.', ...common, query: z.object(pageQuery()) }).handle(
    z.object({ pid: z.number(), at: z.string(), next: nextCursor().nullable() }),
    async ({ input: { query } }) => ({
      pid: process.pid,
      at: query.cursor ?? 'the start',
      next: 'the second page',
    }),
  ),
];

if (cluster.isPrimary) {
  // It has a group of its own, so it must see by itself when the test that started it is gone.
  process.stdin.once('close', () => process.kill(-process.pid, 'SIGKILL')).resume();
  (process.stdin as Socket).unref();
}

await runMain(async () => {
  if (!cluster.isPrimary && options.worker === 'exits') process.exit(3);
  if (!cluster.isPrimary && options.worker === 'throws')
    throw new RangeError('workers-bff: this cannot work');
  const nowhere = functionTargets(() => {
    if (!cluster.isPrimary) process.stdout.write('{"msg":"waiting"}\n');
    throw new Error('nowhere yet');
  });
  const bff = defineBff({
    name: 'child',
    owner: '@acme/test',
    allowedHosts: ['bff.test'],
    endpoints,
    upstreams: [bind(shop, { targets: options.worker === 'waits' ? nowhere : options.serviceUrl })],
  });
  await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    workers: 2,
    ...options.serve,
  });
});
