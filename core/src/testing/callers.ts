/**
 * Callers for tests: an authenticator that believes the `x-test-caller` header. It refuses to run in
 * production.
 *
 * @module
 */
import type { Authenticator } from '../identity/authenticator.ts';

/**
 * Reads `x-test-caller: usr_0001 profile:read orders:read` as subject and scopes.
 *
 * @throws {Error} when `NODE_ENV` is `production`.
 */
export function testCallers(): Authenticator {
  if (process.env.NODE_ENV === 'production') throw new Error('testCallers must not run in production');
  return {
    name: 'test',
    challenge: 'Bearer',
    authenticate(context) {
      const [subject, ...scopes] = context.inbound.header('x-test-caller')?.split(' ') ?? [];
      if (subject === undefined) return undefined;
      return { kind: 'user', subject, clientId: 'test', scopes: new Set(scopes), tenant: undefined };
    },
  };
}

/** The headers of a request by this caller. */
export function asCaller(subject: string, ...scopes: readonly string[]): Record<string, string> {
  return { 'x-test-caller': [subject, ...scopes].join(' ') };
}
