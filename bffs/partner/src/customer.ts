import type { Principal } from 'bffkit';

/**
 * The customer account a caller orders with. It is whom the credential names, never what the request
 * says: the `partner` of an API key's record, or the `sub` of an access token.
 */
export function customerOf(principal: Principal): string {
  return principal.subject;
}
