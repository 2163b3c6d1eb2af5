/**
 * The steps of identity of one endpoint: prove who calls, then judge whether they may. Each refusal is
 * charged to a limit of its own, so guessing is bounded and costs nobody else's quota.
 *
 * @module
 */
import type { Caller } from './context/caller.ts';
import { type Principal, principalKey } from './context/principal.ts';
import type { RequestContext } from './context/request-context.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import { blameSender } from './endpoint/read-input.ts';
import { requireAccess } from './identity/access.ts';
import { type Authenticator, authenticate, challengeOf } from './identity/authenticator.ts';
import { refusalIn } from './identity/challenge.ts';
import {
  isForm,
  requireNoCredentialInForm,
  requireNoCredentialInUrl,
  requireNoDeclaredCredential,
} from './identity/misplaced.ts';
import { type ClientIp, ipSubject } from './ingress/client-ip.ts';
import { type AuthFailures, addressOfFailure } from './limit/auth-failures.ts';
import { GatewayError } from './problem/gateway-error.ts';

export interface IdentityParts {
  /** The name of the BFF: the realm of its challenges. */
  readonly bff: string;
  readonly authenticators: readonly Authenticator[];
  readonly failures: AuthFailures;
  readonly clientIp: ClientIp;
}

type Proved = Principal | undefined | Promise<Principal | undefined>;

export interface IdentitySteps {
  /**
   * Answers at once when the authenticators do.
   *
   * @throws {GatewayError} 400, 401, 503 when it cannot be judged, 429 when the address guessed too often.
   */
  prove(context: RequestContext): Proved;
  /** @throws {GatewayError} 401 or 403, and 429 for who collected too many of these. */
  authorise(context: RequestContext, principal: Principal | undefined): Promise<void> | undefined;
}

/**
 * Compiles both steps for an endpoint.
 *
 * @throws {RangeError} when it needs a caller and there is no way to prove one, or takes a credential as a
 * parameter of its query.
 */
export function compileIdentity(endpoint: Endpoint, parts: IdentityParts): IdentitySteps {
  const { access, query } = endpoint.options;
  const { bff, authenticators, failures, clientIp } = parts;
  if (access.kind !== 'anyone' && authenticators.length === 0) {
    throw new RangeError(
      'access needs a caller and the BFF has no identity; add one to identity, or declare anyone()',
    );
  }
  const declared = query === undefined ? [] : Object.keys(query._zod.def.shape);
  requireNoDeclaredCredential(declared);
  // Forms are read by endpoints that write their whole answer, or passed on; all others take JSON.
  const readsForms = endpoint.behaviour.kind === 'plain' || endpoint.behaviour.kind === 'stream';
  const nobody = challengeOf(authenticators);
  const addressOf = (context: RequestContext): string => ipSubject(clientIp(context.inbound));

  const refuse = async (context: RequestContext, thrown: unknown): Promise<never> => {
    const failure = refusalIn(bff, GatewayError.from(thrown));
    // A session id cannot be guessed, and many sessions of one office may end at once.
    const isFree = failure.code === 'session-ended' || failure.options.isUncharged === true;
    if (failure.status !== 401 || isFree) throw failure;
    throw await failures.charge(context, addressOfFailure(addressOf(context)), failure);
  };
  const judge = (context: RequestContext): Proved => {
    if (hasCredential(context)) failures.requireTrust(addressOf(context));
    try {
      const judged = authenticate(authenticators, context);
      if (judged === undefined || !('then' in judged)) return judged;
      return context.cancellation.race(judged).catch((thrown: unknown) => refuse(context, thrown));
    } catch (thrown) {
      return refuse(context, thrown);
    }
  };
  return {
    prove(context) {
      const { inbound, cancellation } = context;
      try {
        requireNoCredentialInUrl(inbound.target, declared);
      } catch (thrown) {
        return refuse(context, thrown);
      }
      if (readsForms || !isForm(inbound)) return judge(context);
      return cancellation
        .race(requireNoCredentialInForm(inbound))
        .catch(blameSender)
        .then(
          () => judge(context),
          (thrown: unknown) => refuse(context, thrown),
        );
    },
    authorise(context, principal) {
      try {
        requireAccess(access, principal, { nobody, scheme: () => schemeOf(context) });
        return undefined;
      } catch (thrown) {
        const failure = refusalIn(bff, GatewayError.from(thrown));
        const subject = principal === undefined ? `anonymous:${addressOf(context)}` : principalKey(principal);
        return failures.charge(context, subject, failure).then((error) => {
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

function schemeOf({ inbound }: RequestContext): 'Bearer' | 'DPoP' {
  return /^dpop /i.test(inbound.header('authorization') ?? '') ? 'DPoP' : 'Bearer';
}
