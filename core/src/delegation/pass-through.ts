/**
 * The caller's own token, sent on as it came. The service can then do everything the token allows,
 * anywhere: for services that cannot be changed, until they can.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-2.3 RFC 9700, section 2.3}, audience restriction
 * @module
 */
import type { UpstreamIdentity } from '../upstream/identity.ts';
import { requireSubjectToken } from './subject-token.ts';

/**
 * Forwards the caller's access token. Targets must be https, or this machine: at boot for those that
 * are known, for discovered ones at each call.
 */
export function passThrough(): UpstreamIdentity {
  return {
    name: 'pass-through',
    needsTls: true,
    needsCaller: true,
    headers: (context) => ({ authorization: `Bearer ${requireSubjectToken(context, 'passThrough')}` }),
  };
}
