/**
 * A token endpoint on a real socket whose answers a test decides, one form at a time.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the provider answers. A text is sent as it is, anything else as JSON. */
export interface ProviderAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One request as it came in. */
export interface ProviderRequest {
  readonly path: string;
  readonly method: string;
  readonly authorization: string;
  readonly form: Readonly<Record<string, string>>;
}

type Script = (request: ProviderRequest) => ProviderAnswer | Promise<ProviderAnswer>;

export interface ScriptedProvider {
  readonly url: string;
  readonly tokenEndpoint: string;
  readonly requests: readonly ProviderRequest[];
  /** How requests are answered from now on. */
  script: Script;
  close(): Promise<void>;
}

/** A good answer of a token endpoint. */
export function issued(token: string, more: Readonly<Record<string, unknown>> = {}): ProviderAnswer {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  return {
    body: { access_token: token, token_type: 'Bearer', issued_token_type: type, expires_in: 600, ...more },
  };
}

/** Starts it on a free port of the loopback address. */
export async function scriptedProvider(script: Script): Promise<ScriptedProvider> {
  const requests: ProviderRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      text += chunk;
    });
    incoming.on('end', () => {
      const request = {
        path: incoming.url ?? '',
        method: incoming.method ?? '',
        authorization: incoming.headers.authorization ?? '',
        form: Object.fromEntries(new URLSearchParams(text)),
      };
      requests.push(request);
      void Promise.resolve(provider.script(request)).then((answer) => write(outgoing, answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: ScriptedProvider = {
    url,
    tokenEndpoint: `${url}/token`,
    requests,
    script,
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

function write(outgoing: ServerResponse, { status = 200, headers = {}, body = '' }: ProviderAnswer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json', ...headers });
  outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
}
