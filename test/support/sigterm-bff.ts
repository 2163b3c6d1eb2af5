/**
 * A BFF as its own process, for tests of signals: `node sigterm-bff.ts SERVICE_URL [GRACE_MS [DRAIN_MS]]`.
 * It writes its log, the line `listening` with its addresses first, to standard output.
 *
 * @module
 */
import { anyone, bind, defineBff, endpoint, get, upstream } from 'bffkit';
import { runMain, serve } from 'bffkit/node';
import { z } from 'zod';

const [, , serviceUrl = '', graceMs = '0', drainMs = '3000'] = process.argv;
const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const part = endpoint('GET', '/part', { summary: 'A part.', access: anyone(), deadlineMs: 5_000, cost: 0 })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);

await runMain(async () => {
  const bff = defineBff({
    name: 'child',
    owner: '@acme/test',
    allowedHosts: ['bff.test'],
    endpoints: [part],
    upstreams: [bind(shop, { targets: serviceUrl })],
  });
  await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: Number(graceMs),
    drainMs: Number(drainMs),
  });
});
