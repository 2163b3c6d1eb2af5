/**
 * A way to sign in: an authenticator that brings endpoints of its own, such as `/bff/login`.
 *
 * @module
 */
import type { Authenticator } from '../identity/authenticator.ts';
import type { Endpoint } from './endpoint.ts';

export interface SignIn extends Authenticator {
  /** Served beside the endpoints of the BFF, with the same protection. Default none. */
  readonly endpoints?: readonly Endpoint[];
}
