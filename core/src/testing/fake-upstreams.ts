/**
 * Upstreams without sockets: a test says what each operation answers, sees what was asked, and decides
 * when each answer arrives.
 *
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { Transport, TransportRequest } from '../upstream/transport.ts';

/** A canned answer; the body is JSON. */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
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
    transport: ({ name }) => ({ send: send(name), close: () => Promise.resolve() }),
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
