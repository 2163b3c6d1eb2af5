/**
 * The steps of identity of one endpoint: prove who calls, then judge whether they may. Each refusal is
 * charged to a limit of its own, so guessing is bounded and costs nobody else's quota.
 *
 * @module
 */
import type { Caller } from './context/caller.ts';
import { type Principal, principalKey } from './context/principal.ts';
import type { RequestContext } from './context/request-context.ts';
import { type Access, requireAccess } from './identity/access.ts';
import { type Authenticator, authenticate, challengeOf } from './identity/authenticator.ts';
import { type ClientIp, ipSubject } from './ingress/client-ip.ts';
import { type AuthFailures, addressOfFailure } from './limit/auth-failures.ts';
import { GatewayError } from './problem/gateway-error.ts';

export interface IdentityParts {
  readonly authenticators: readonly Authenticator[];
  readonly failures: AuthFailures;
  readonly clientIp: ClientIp;
}

export interface IdentitySteps {
  /** @throws {GatewayError} 401, 503 when it cannot be judged, 429 when the address guessed too often. */
  prove(context: RequestContext): Promise<Principal | undefined>;
  /** @throws {GatewayError} 401 or 403, and 429 for who collected too many of these. */
  authorise(context: RequestContext, principal: Principal | undefined): Promise<void> | undefined;
}

/** Compiles both steps for an endpoint. */
export function compileIdentity(access: Access, parts: IdentityParts): IdentitySteps {
  const { authenticators, failures, clientIp } = parts;
  const challenge = challengeOf(authenticators);
  const addressOf = (context: RequestContext): string => ipSubject(clientIp(context.inbound));
  return {
    async prove(context) {
      if (hasCredential(context)) failures.requireTrust(addressOf(context));
      try {
        return await context.cancellation.race(authenticate(authenticators, context));
      } catch (thrown) {
        const failure = GatewayError.from(thrown);
        if (failure.status !== 401) throw failure;
        throw await failures.charge(context, addressOfFailure(addressOf(context)), failure);
      }
    },
    authorise(context, principal) {
      try {
        requireAccess(access, principal, challenge);
        return undefined;
      } catch (thrown) {
        const subject = principal === undefined ? `anonymous:${addressOf(context)}` : principalKey(principal);
        return failures.charge(context, subject, GatewayError.from(thrown)).then((error) => {
          throw error;
        });
      }
    },
  };
}

/** The caller as the limits see it. */
export function callerOf(principal: Principal | undefined, address: string, endpointClass: string): Caller {
  const where = { address: ipSubject(address), endpointClass };
  if (principal === undefined) return where;
  const { kind, subject, clientId, tenant, plan } = principal;
  return {
    ...where,
    principal: principalKey(principal),
    kind,
    subject,
    clientId,
    ...(tenant === undefined ? {} : { tenant }),
    ...(plan === undefined ? {} : { plan }),
  };
}

function hasCredential({ inbound }: RequestContext): boolean {
  return inbound.header('authorization') !== undefined || inbound.header('cookie') !== undefined;
}
