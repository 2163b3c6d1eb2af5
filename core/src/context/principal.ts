/**
 * Who is calling. The one shape every way of proving identity ends in.
 *
 * @module
 */
export interface Principal {
  /** `user` for a person's token, `partner` for an API key. */
  readonly kind: 'user' | 'partner';
  /** Stable identifier of the caller: the token's `sub`, or the partner's id. */
  readonly subject: string;
  /** The application that calls on the subject's behalf: the token's `client_id`, or the key's id. */
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  /** What the caller is in the company, such as `support`; from the credential only. Default none. */
  readonly roles?: ReadonlySet<string>;
  /** From the credential only, never from the request. */
  readonly tenant: string | undefined;
  /** The plan that decides its limits; from the credential only. */
  readonly plan?: string;
  /** The version of the API it is pinned to; from the credential only. */
  readonly version?: string;
}

/** One string per caller, for limits; callers of different kind, tenant or subject never share one. */
export function principalKey({ kind, tenant = '', subject }: Principal): string {
  return `${kind}:${tenant.replaceAll('%', '%25').replaceAll(':', '%3A')}:${subject}`;
}
