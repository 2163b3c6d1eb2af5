/**
 * Callers for tests: an authenticator that believes the `x-test-caller` header. It refuses to run in
 * production.
 *
 * @module
 */
import type { Principal } from '../context/principal.ts';
import type { Authenticator } from '../identity/authenticator.ts';

/** A caller as a test describes it. */
export interface TestCaller {
  readonly subject: string;
  /** Default `user`. */
  readonly kind?: Principal['kind'];
  /** Default `test`. */
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly tenant?: string;
  readonly plan?: string;
  readonly version?: string;
}

const header = 'x-test-caller';

/**
 * Believes what {@link asCaller} writes, and also `x-test-caller: usr_0001 profile:read orders:read`:
 * subject and scopes.
 *
 * @throws {Error} when `NODE_ENV` is `production`.
 */
export function testCallers(): Authenticator {
  if (process.env.NODE_ENV === 'production') throw new Error('testCallers must not run in production');
  return {
    name: 'test',
    challenge: 'Bearer',
    authenticate(context) {
      const text = context.inbound.header(header);
      return text === undefined ? undefined : principalOf(callerIn(text));
    },
  };
}

/**
 * The headers of a request by this caller: a subject and its scopes, or a whole description.
 *
 * @example
 * asCaller('usr_1', 'orders:read'); // => { 'x-test-caller': 'usr_1 orders:read' }
 */
export function asCaller(caller: string | TestCaller, ...scopes: readonly string[]): Record<string, string> {
  if (typeof caller === 'string') return { [header]: [caller, ...scopes].join(' ') };
  return { [header]: encodeURIComponent(JSON.stringify(caller)) };
}

function callerIn(text: string): TestCaller {
  if (text.startsWith('%7B')) return JSON.parse(decodeURIComponent(text)) as TestCaller;
  const [subject = '', ...scopes] = text.split(' ');
  return { subject, scopes };
}

function principalOf(caller: TestCaller): Principal {
  const { subject, kind = 'user', clientId = 'test', scopes = [], roles, tenant, plan, version } = caller;
  return {
    kind,
    subject,
    clientId,
    scopes: new Set(scopes),
    tenant,
    ...(roles === undefined ? {} : { roles: new Set(roles) }),
    ...(plan === undefined ? {} : { plan }),
    ...(version === undefined ? {} : { version }),
  };
}
