/**
 * A BFF with one endpoint before one service that remembers what it was sent, for tests of how the
 * gateway shows who it is.
 *
 * @module
 */
import {
  type Authenticator,
  anyone,
  type BffOptions,
  bind,
  endpoint,
  get,
  type UpstreamBinding,
  type UpstreamIdentity,
  upstream,
} from 'bffkit';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream, type SeenRequest } from '../support/faulty-upstream.ts';
import { type ServedBff, served } from '../support/served.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: { get: get('/part', { response: Part, forwardRequestHeaders: ['accept-language'] }) },
});
const read = endpoint('GET', '/read', { summary: 'Part.', access: anyone(), deadlineMs: 5_000, cost: 0 })
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);

export interface Guarded {
  readonly bff: ServedBff;
  readonly service: FaultyUpstream;
  /** Asks the endpoint. */
  ask(headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** The last request that the service got. */
  seen(): SeenRequest;
  close(): Promise<void>;
}

/** Starts both. Closing the BFF closes its identity. */
export async function guarded(
  identity: UpstreamIdentity | undefined,
  options: Partial<BffOptions> & { readonly binding?: Partial<UpstreamBinding> } = {},
): Promise<Guarded> {
  const service = await faultyUpstream(faults.ok({ id: '1' }));
  const bound = { targets: service.url, ...(identity === undefined ? {} : { identity }) };
  const bff = await served({ endpoints: [read], upstreams: [bind(shop, bound)], ...options });
  return {
    bff,
    service,
    ask: (headers = {}) => fetch(`${bff.url}/read`, { headers: { ...headers } }),
    seen() {
      const request = service.requests.at(-1);
      if (request === undefined) throw new Error('the service got no request');
      return request;
    },
    async close() {
      await bff.close();
      await service.close();
    },
  };
}

/**
 * Believes `x-test-caller: subject scope…` and takes the bearer token as the subject's own, unseen. For
 * callers whose scopes are not those of their token.
 */
export function trusting(): Authenticator {
  return {
    name: 'trusting',
    challenge: 'Bearer',
    authenticate(context) {
      const [subject, ...scopes] = context.inbound.header('x-test-caller')?.split(' ') ?? [];
      if (subject === undefined) return undefined;
      context.subjectToken = context.inbound.header('authorization')?.replace('Bearer ', '');
      return { kind: 'user', subject, clientId: 'app', scopes: new Set(scopes), tenant: 'acme' };
    },
  };
}

/** The bearer token of a request. */
export function tokenOf({ headers }: SeenRequest): string {
  return headers.authorization?.replace(/^Bearer /, '') ?? '';
}
