/**
 * A gate before a service: it lets requests through, or holds them before the service heard of them, or holds the
 * service's answers. What is held when its client is gone before the service heard of it never gets there.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the gate does with what comes next. */
export type GateMode = 'open' | 'hold requests' | 'hold answers';

export interface Gate {
  readonly url: string;
  mode: GateMode;
  /** Resolves when so many are held. */
  holds(count: number): Promise<void>;
  /** Lets go of everything that is held, and is open from now on. */
  release(): void;
  /** The `Idempotency-Key` of every request so far. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

export async function openGate(serviceUrl: string): Promise<Gate> {
  const held: (() => void)[] = [];
  const keys: string[] = [];
  let tell = (): void => {};
  const hold = (): Promise<void> =>
    new Promise((resolve) => {
      held.push(resolve);
      tell();
    });
  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    keys.push(String(incoming.headers['idempotency-key'] ?? ''));
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { mode } = gate;
    if (mode === 'hold requests') await hold();
    if (outgoing.destroyed) return;
    const answer = await fetch(serviceUrl + incoming.url, {
      method: incoming.method ?? 'GET',
      headers: headersOf(incoming),
      ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (mode === 'hold answers') await hold();
    outgoing.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
  };
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'open',
    keys,
    holds: (count) =>
      new Promise((resolve) => {
        tell = () => void (held.length >= count && resolve());
        tell();
      }),
    release() {
      gate.mode = 'open';
      for (const go of held.splice(0)) go();
    },
    async close() {
      gate.release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gate;
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = ['content-type', 'idempotency-key'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return Object.fromEntries(kept);
}
