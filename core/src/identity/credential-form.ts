/**
 * How a credential travels, as documents tell it: nothing here is asked when a request comes.
 *
 * @see {@link https://www.iana.org/assignments/http-authschemes IANA, HTTP authentication schemes}
 * @module
 */
import type { ProblemCode } from '../problem/codes.ts';

/** Where a caller puts its credential. */
export type CredentialPlace =
  | {
      /** In `Authorization`, after this scheme. With `dpop` a proof comes in a header of its own (RFC 9449). */
      readonly kind: 'bearer' | 'dpop';
      /** What it looks like, for readers, such as `JWT`. */
      readonly format: string;
    }
  | {
      /** Sent by browsers on their own, so that a call needs `X-CSRF: 1` beside it. */
      readonly kind: 'cookie';
      readonly cookie: string;
    };

/** What documents say of one way to prove who calls. */
export interface CredentialForm {
  /** One sentence: what it is and where it comes from. */
  readonly summary: string;
  /** Each of them alone is enough. */
  readonly places: readonly CredentialPlace[];
  /** What a request with such a credential may be refused with. */
  readonly problems: readonly ProblemCode[];
}
