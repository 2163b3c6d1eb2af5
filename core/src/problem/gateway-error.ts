/**
 * The only error the gateway throws on purpose. It carries a code of the table, what a client may
 * read, and the cause that stays inside.
 *
 * @module
 */
import { type ProblemCode, problemCodes } from './codes.ts';

/** One invalid value of the input: an RFC 6901 JSON pointer into it, and what is wrong. */
export interface InputIssue {
  readonly pointer: string;
  readonly detail: string;
}

export interface GatewayErrorOptions {
  /** One sentence for the client. Never an address, a stack or an upstream's text. */
  readonly detail?: string;
  readonly issues?: readonly InputIssue[];
  /** The names of the limits that refused. */
  readonly violatedPolicies?: readonly string[];
  /** What would have been accepted, such as the versions there are. */
  readonly supported?: readonly string[];
  /** The page that explains it: a path or an address. */
  readonly docs?: string;
  /** When to try again, in milliseconds; becomes `Retry-After`, rounded up to whole seconds. */
  readonly retryAfterMs?: number;
  /** Extra response headers, such as `WWW-Authenticate` or `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The name of the plan node at fault; becomes `Proxy-Status`. Names of services stay inside. */
  readonly node?: string;
  /** A refused credential that was found out without asking anybody; its sender is not charged for it. */
  readonly isUncharged?: boolean;
  /** The kept-alive connection was dead before a byte of the answer came. */
  readonly isStaleConnection?: boolean;
  /** Stays in the process: for logs and traces only. */
  readonly cause?: unknown;
}

/** A failure with a code of {@link problemCodes}. Match on `code`, never on message or class. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ProblemCode;
  readonly options: GatewayErrorOptions;

  constructor(code: ProblemCode, options: GatewayErrorOptions = {}) {
    super(
      options.detail ?? problemCodes[code].title,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return problemCodes[this.code].status;
  }

  /** Turns anything thrown into a `GatewayError`; what is not one already is `internal`. */
  static from(thrown: unknown): GatewayError {
    return thrown instanceof GatewayError ? thrown : new GatewayError('internal', { cause: thrown });
  }
}
