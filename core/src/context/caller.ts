/**
 * Who calls and what is called, as the limits see it. Everything in it was proved by a credential, is
 * the client's address, or was declared; nothing can be chosen by the request.
 *
 * @module
 */
export interface Caller {
  /** One string per principal; absent when nobody is signed in. */
  readonly principal?: string;
  readonly kind?: 'user' | 'partner';
  /** The user's or the partner's identifier. */
  readonly subject?: string;
  /** The application or the API key that calls on the subject's behalf. */
  readonly clientId?: string;
  readonly tenant?: string;
  readonly plan?: string;
  /** The client's address; for IPv6 its /64 network. */
  readonly address: string;
  /** The class of the endpoint: its option `limitClass`. */
  readonly endpointClass: string;
}
