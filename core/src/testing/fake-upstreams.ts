/**
 * Upstreams without sockets: a test says what each operation answers, sees what was asked, and decides
 * when each answer arrives.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { StreamHead, StreamRequest, Transport, TransportRequest } from '../upstream/transport.ts';

/** A canned answer; the body is JSON, or text as it is. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** For proxy routes: the body in pieces, instead of `body`. A piece that throws breaks it off. */
  readonly stream?: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
}

/** What a fake does with a request: answers, answers later, throws, or never settles. */
export type FakeUpstream = (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>;

export interface FakeUpstreams {
  /** Pass it as `transport` to `defineBff`. */
  readonly transport: (binding: { readonly name: string }) => Transport;
  /** Every request so far, in order. */
  readonly requests: readonly (TransportRequest & { readonly upstream: string })[];
  /** Exchanges that were aborted. */
  aborted(): number;
  /** Exchanges that have not settled. */
  open(): number;
}

/**
 * Fakes by upstream name. A throwing fake is a connection that failed; an upstream without a fake
 * answers 404.
 */
export function fakeUpstreams(fakes: Readonly<Record<string, FakeUpstream>>): FakeUpstreams {
  const requests: (TransportRequest & { readonly upstream: string })[] = [];
  let aborted = 0;
  let open = 0;
  const stream =
    (upstream: string): NonNullable<Transport['stream']> =>
    (request) => {
      const { promise, resolve, reject } = Promise.withResolvers<FakeAnswer>();
      let abortedBy: GatewayError | undefined;
      open += 1;
      const settled = (): void => {
        open -= 1;
      };
      const answer = async (): Promise<FakeAnswer> => {
        const seen = { ...request, body: await textOf(request), upstream, maxAnswerBytes: Infinity };
        requests.push(seen as (typeof requests)[number]);
        return (fakes[upstream] ?? (() => ({ status: 404 })))(seen as TransportRequest);
      };
      answer().then(resolve, (cause: unknown) =>
        reject(cause instanceof GatewayError ? cause : new GatewayError('upstream-unreachable', { cause })),
      );
      return {
        head: promise.then((fake) => toHead(fake, () => abortedBy)).finally(settled),
        abort(reason) {
          if (abortedBy !== undefined) return;
          aborted += 1;
          abortedBy = reason;
          reject(reason);
        },
      };
    };
  const send =
    (upstream: string): Transport['send'] =>
    (request) => {
      requests.push({ ...request, upstream });
      open += 1;
      const { promise, resolve, reject } = Promise.withResolvers<FakeAnswer>();
      const fake = fakes[upstream] ?? (() => ({ status: 404 }));
      new Promise<FakeAnswer>((settle) => settle(fake(request))).then(resolve, (cause: unknown) =>
        reject(new GatewayError('upstream-unreachable', { cause })),
      );
      const answer = promise.then(toAnswer).finally(() => {
        open -= 1;
      });
      return {
        answer,
        abort(reason) {
          aborted += 1;
          reject(reason);
        },
      };
    };
  return {
    transport: ({ name }) => ({ send: send(name), stream: stream(name), close: () => Promise.resolve() }),
    requests,
    aborted: () => aborted,
    open: () => open,
  };
}

function toAnswer({ status = 200, headers = {}, body }: FakeAnswer) {
  const fields: Readonly<Record<string, string>> = { 'content-type': 'application/json', ...headers };
  return {
    status,
    header: (name: string) => fields[name],
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null)),
  };
}

/** The body that a client sent, whole. */
async function textOf({ body }: StreamRequest): Promise<string | undefined> {
  if (body === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function toHead(fake: FakeAnswer, abortedBy: () => GatewayError | undefined): StreamHead {
  const { stream } = fake;
  const { status, header, body } = toAnswer(fake);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of stream ?? [body]) {
      const reason = abortedBy();
      if (reason !== undefined) throw reason;
      if (piece.length > 0) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
    }
  }
  return { status, header, body: broken(pieces()) };
}

/** What a fake throws in the middle is a connection that broke. */
async function* broken(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (cause) {
    throw cause instanceof GatewayError ? cause : new GatewayError('upstream-broken-answer', { cause });
  }
}
