/**
 * The gateway of the soak, as its own process: `node --expose-gc gateway.process.ts FIRST FIRST SECOND`,
 * the addresses of the services. `GET /soak` says what it holds after a collection.
 *
 * @module
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { anyone, bind, defineBff, endpoint, get, jsonLogger, post, signedIn, upstream } from 'bffkit';
import { runMain, serve } from 'bffkit/node';
import { testCallers } from 'bffkit/testing';
import { z } from 'zod';
import { watchProcess } from '../support/process-watch.ts';
import { deadlineMs, type Holdings } from './holdings.ts';

const [, , firstUrl = '', otherUrl = '', secondUrl = ''] = process.argv;
const Echo = z.object({ token: z.string() });
const Screen = z.object({ first: z.string(), second: z.string(), third: z.string() });
const params = z.object({ token: z.string() });
const options = { summary: 'An echo.', access: anyone(), deadlineMs, cost: 0 } as const;
const first = upstream('first', {
  operations: {
    get: get('/first/:token', { response: Echo }),
    create: post('/first', { body: Echo, response: Echo }),
    mine: get('/mine', { response: Echo, forwardRequestHeaders: ['x-test-caller'] }),
  },
});
const second = upstream('second', { operations: { get: get('/second/:token', { response: Echo }) } });
const fallback = () => ({ token: '' });

const endpoints = [
  endpoint('GET', '/screen/:token', { ...options, params })
    .plan(({ call, optional }) => {
      const required = call(first.get, ({ input }) => ({ params: { token: input.params.token } }));
      return {
        required,
        second: optional(second.get, ({ input }) => ({ params: { token: input.params.token } }), {
          fallback,
        }),
        third: optional(second.get, { required }, ({ required }) => ({ params: { token: required.token } }), {
          value: 2,
          fallback,
        }),
      };
    })
    .respond(Screen, ({ required, second, third }) => ({
      first: required.token,
      second: second.token,
      third: third.token,
    })),
  endpoint('POST', '/echo', { ...options, body: Echo })
    .plan(({ call }) => ({ made: call(first.create, ({ input }) => ({ body: input.body })) }))
    .respond(Echo, ({ made }) => made),
  endpoint('GET', '/mine', { ...options, access: signedIn() })
    .plan(({ call }) => ({
      mine: call(first.mine, () => ({}), {
        cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 60_000, vary: ['x-test-caller'] },
      }),
    }))
    .respond(Echo, ({ mine }) => mine),
];

const watch = watchProcess();
const loop = monitorEventLoopDelay();
loop.enable();
const collect = globalThis.gc ?? (() => {});

function holdings(): Holdings {
  collect();
  collect();
  const resources = process.getActiveResourcesInfo();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    sockets: resources.filter((name) => name === 'TCPSocketWrap').length,
    timers: resources.filter((name) => name === 'Timeout').length,
    stallMs: loop.max / 1e6,
    complaints: watch.complaints.map(String),
  };
}

await runMain(async () => {
  const breaker = { openMs: 100 };
  const bff = defineBff({
    name: 'soak',
    owner: '@acme/test',
    identity: [testCallers()],
    pressure: { level: () => 0 }, // a busy machine must not make it refuse what it is to be tried with
    endpoints,
    upstreams: [
      bind(first, {
        targets: [firstUrl, otherUrl],
        breaker,
        hedge: {},
        outlier: { ejectMs: 100 },
        concurrency: { running: 'adaptive' },
      }),
      bind(second, { targets: secondUrl, breaker }),
    ],
    routes: (app) => app.get('/soak', (c) => c.json(holdings())),
  });
  const write = (line: string): void => {
    if (line.includes('"listening"')) process.stdout.write(`${line.trimEnd()}\n`);
  };
  await serve(bff, {
    port: 0,
    adminPort: 0,
    hostname: '127.0.0.1',
    graceMs: 0,
    logger: jsonLogger({ name: 'soak', write }),
  });
});
