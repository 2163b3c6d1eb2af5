/**
 * A BFF for one test: the endpoints under test, fakes instead of services, callers by header.
 *
 * @module
 */
import { type Bff, defineBff } from '../bff.ts';
import type { BffOptions } from '../bff-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { memoryStore } from '../limit/memory-store.ts';
import { resolveBinding } from '../upstream/binding.ts';
import { testCallers } from './callers.ts';
import { type FakeUpstream, type FakeUpstreams, fakeUpstreams } from './fake-upstreams.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** One key for all: the cursors of one test BFF work at the next. */
const cursorKeys = [Buffer.alloc(32, 'test').toString('base64')];

export interface TestBff extends Bff {
  readonly clock: ManualClock;
  /** Every request the fakes got. */
  readonly requests: FakeUpstreams['requests'];
  readonly fakes: FakeUpstreams;
}

/**
 * Serves `endpoints` from fakes, by upstream name. Time stands still until `clock.advance`; nothing is
 * retried, so that every failure of a fake shows at once. A cursor of one test BFF works at another.
 *
 * @example
 * const bff = testBff([home], { users: () => ({ body: { id: 'usr_1', name: 'Ada' } }) });
 * (await bff.app.request('/api/home', { headers: asCaller('usr_1', 'profile:read') })).status; // => 200
 */
export function testBff(
  endpoints: readonly Endpoint[],
  fakes: Readonly<Record<string, FakeUpstream>>,
  options: Partial<BffOptions> = {},
): TestBff {
  const clock = manualClock();
  const upstreams = fakeUpstreams(fakes);
  const bff = withHint(() =>
    defineBff({
      name: 'test',
      owner: '@acme/test',
      identity: [testCallers()],
      allowedHosts: ['bff.test'],
      clock,
      cursorKeys,
      limitStore: memoryStore({ clock, maxBuckets: 1_000 }),
      transport: upstreams.transport,
      upstreams: Object.keys(fakes).map((name) =>
        resolveBinding(name, [], { targets: `http://${name}.test`, retry: { attempts: 0 } }),
      ),
      endpoints,
      ...options,
    }),
  );
  return { ...bff, clock, requests: upstreams.requests, fakes: upstreams };
}

/** In a test the cure for an unbound upstream is a fake. */
function withHint(define: () => Bff): Bff {
  try {
    return define();
  } catch (error) {
    if (error instanceof RangeError)
      error.message = error.message.replace(
        /add bind\(…\) to upstreams$/,
        'add a fake of that name to testBff',
      );
    throw error;
  }
}
