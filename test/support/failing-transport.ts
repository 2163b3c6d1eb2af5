/**
 * The wire to the real services, on which chosen operations fail. It knows which were asked and whether
 * any answer is still on its way.
 *
 * @module
 */
import {
  GatewayError,
  type Transport,
  type TransportAnswer,
  type TransportRequest,
  type UpstreamBinding,
} from 'bffkit';

export const failureModes = ['unreachable', 'status 503', 'broken JSON', 'hang'] as const;

/** `status 404` and `status 429` are answers that mean something of their own. */
export type FailureMode = (typeof failureModes)[number] | 'status 404' | 'status 429';

/** Stands in every failing answer; it must never reach a client. */
export const upstreamSecret = 'said-by-the-service-itself';

export interface FailingTransport {
  /** Pass it as `transport` to a BFF. */
  readonly transport: (binding: UpstreamBinding) => Transport;
  /** Every operation that was asked, such as `orders.list`. */
  readonly asked: ReadonlySet<string>;
  /** Whether a real service is working on a request. */
  isBusy(): boolean;
}

/** `failures` says how which operation fails; the others go to the real services over `wire`. */
export function failingTransport(
  wire: Transport,
  failures: Readonly<Record<string, FailureMode>> = {},
): FailingTransport {
  const asked = new Set<string>();
  let open = 0;
  const transport = ({ name }: UpstreamBinding): Transport => ({
    send(request) {
      const operation = `${name}.${request.operation}`;
      asked.add(operation);
      const mode = failures[operation];
      return mode === undefined ? forward(request) : fail(mode);
    },
    close: () => Promise.resolve(), // the wire belongs to the test
  });
  const forward = (request: TransportRequest): ReturnType<Transport['send']> => {
    open += 1;
    const exchange = wire.send(request);
    const answer = exchange.answer.finally(() => {
      open -= 1;
    });
    return { answer, abort: (reason) => exchange.abort(reason) };
  };
  return { transport, asked, isBusy: () => open > 0 };
}

function fail(mode: FailureMode): ReturnType<Transport['send']> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportAnswer>();
  if (mode === 'unreachable')
    reject(new GatewayError('upstream-unreachable', { cause: new Error(upstreamSecret) }));
  else if (mode === 'broken JSON') resolve(answer(200, `{"items":["${upstreamSecret}`));
  else if (mode !== 'hang')
    resolve(answer(Number(mode.slice('status '.length)), JSON.stringify({ error: upstreamSecret })));
  return { answer: promise, abort: reject };
}

function answer(status: number, body: string): TransportAnswer {
  const headers: Readonly<Record<string, string>> = {
    'content-type': 'application/json',
    server: upstreamSecret,
    'retry-after': '7',
  };
  return { status, header: (name) => headers[name], body: Buffer.from(body) };
}
