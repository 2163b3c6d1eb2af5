import type { RequestContext } from '../context/request-context.ts';
import { readJsonBody } from '../ingress/body.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import type { TransformBody } from '../transform/body.ts';
import type { HeaderFields, TransformHeaders } from '../transform/headers.ts';
import { hopByHopOf } from '../upstream/forwarded-headers.ts';
import type { RequestBody } from '../upstream/stream-contract.ts';

/** Headers of the client's request that every proxy route passes on: what the answer should be like, and the body is. */
export const passedRequestHeaders: readonly string[] = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'content-encoding',
  'content-language',
  ...['range', 'if-range'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'],
];
/** Not passed where the body of the answer is changed: a part of it, or another coding, could not be. */
export const aboutRepresentation: ReadonlySet<string> = new Set([
  ...['accept-encoding', 'range', 'if-range', 'if-none-match', 'if-modified-since'],
]);

/** Compiles the writer of headers. */
export function compileRequestHeaders(
  passed: readonly string[],
  transform: TransformHeaders | undefined,
): (context: RequestContext) => HeaderFields {
  return function writeHeaders({ inbound, requestId }) {
    const headers: HeaderFields = {};
    const hopByHop = hopByHopOf(inbound.header('connection'));
    for (const name of passed) {
      const value = inbound.header(name);
      if (value !== undefined && !hopByHop.has(name)) headers[name] = value;
    }
    transform?.(headers);
    headers['x-request-id'] = requestId;
    return headers;
  };
}

/** A body on its way from the client. */
export interface ClientBody extends RequestBody {
  /** In bytes, when it is known beforehand. */
  readonly length: number | undefined;
  /** Whether all of it was taken. */
  readonly isComplete: boolean;
  /** Whether the client is waited for, right now. */
  readonly isAwaited: boolean;
}

/**
 * The body of a request, or nothing when it has none.
 *
 * @throws {GatewayError} `body-too-large`, or `validation-failed` for a body where none belongs.
 */
export function clientBody(
  context: RequestContext,
  maxBytes: number,
  takesBody: boolean,
): ClientBody | undefined {
  const { inbound } = context;
  const announced = inbound.header('content-length');
  const length = announced === undefined ? undefined : Number(announced);
  if (!takesBody) {
    if (length !== undefined ? length > 0 : inbound.header('transfer-encoding') !== undefined) {
      throw new GatewayError('validation-failed', {
        detail: `A ${inbound.method} request has no body here.`,
        headers: { connection: 'close' },
      });
    }
    return undefined;
  }
  if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes);
  const source = inbound.body();
  return source === null || length === 0 ? undefined : new CountedBody(context, source, { length, maxBytes });
}

/** A JSON body that is read, changed and written again. */
export async function changedBody(
  context: RequestContext,
  maxBytes: number,
  transform: TransformBody,
): Promise<ClientBody> {
  const count = (arrived: number): void => {
    context.bytesIn += arrived;
  };
  const bytes = Buffer.from(JSON.stringify(transform(await readJsonBody(context.inbound, maxBytes, count))));
  return {
    // It is at hand: every attempt can have it.
    bytes: {
      async *[Symbol.asyncIterator]() {
        yield bytes;
      },
    },
    length: bytes.byteLength,
    isBegun: false,
    isComplete: true,
    isAwaited: false,
  };
}

class CountedBody implements ClientBody {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly length: number | undefined;
  isBegun = false;
  isComplete = false;
  isAwaited = false;

  constructor(
    context: RequestContext,
    source: AsyncIterable<Uint8Array>,
    { length, maxBytes }: { readonly length: number | undefined; readonly maxBytes: number },
  ) {
    this.length = length;
    this.bytes = this.#read(context, source, maxBytes);
  }

  async *#read(
    context: RequestContext,
    source: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    this.isBegun = true;
    try {
      this.isAwaited = true;
      for await (const chunk of source) {
        this.isAwaited = false;
        bytes += chunk.byteLength;
        context.bytesIn += chunk.byteLength;
        if (bytes > maxBytes) throw tooLarge(maxBytes);
        if (bytes === this.length) this.isComplete = true;
        yield chunk;
        this.isAwaited = true;
      }
      this.isComplete = true;
    } catch (thrown) {
      if (thrown instanceof GatewayError) throw thrown;
      throw new GatewayError('client-gone', { cause: thrown }); // nothing that the service did
    } finally {
      this.isAwaited = false;
    }
  }
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('body-too-large', {
    detail: `The body may have at most ${maxBytes} bytes.`,
    headers: { connection: 'close' },
  });
}
