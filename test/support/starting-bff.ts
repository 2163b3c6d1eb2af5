/**
 * A BFF that never comes to serve, for tests of signals: `node starting-bff.ts loading` waits for
 * something of its own before it calls `serve`, `node starting-bff.ts targets` for the first target of a
 * service. It writes a line when it waits.
 *
 * @module
 */
import { anyone, bind, defineBff, endpoint, functionTargets, get, upstream } from 'bffkit';
import { runMain, serve } from 'bffkit/node';
import { z } from 'zod';

const [, , waitsFor] = process.argv;
const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const part = endpoint('GET', '/part', { summary: 'A part.', access: anyone(), deadlineMs: 5_000, cost: 0 })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);
setInterval(() => {}, 60_000); // keeps the process alive

await runMain(async () => {
  if (waitsFor === 'loading') {
    process.stdout.write('waiting\n');
    await new Promise(() => {});
  }
  const nowhere = functionTargets(() => {
    process.stdout.write('waiting\n');
    throw new Error('nowhere yet');
  });
  const bff = defineBff({
    name: 'child',
    owner: '@acme/test',
    endpoints: [part],
    upstreams: [bind(shop, { targets: nowhere })],
  });
  await serve(bff, { port: 0, adminPort: 0, hostname: '127.0.0.1' });
});
