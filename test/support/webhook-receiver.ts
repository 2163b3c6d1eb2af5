/**
 * A partner's server that hears webhooks: keeps what comes and answers as it is told.
 *
 * @module
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly target: string;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly heard: Heard[];
  /** How it answers from now on. Default 204. */
  answer(how: number | ((response: ServerResponse, heard: Heard) => void)): void;
  close(): Promise<void>;
}

export async function webhookReceiver(port = 0): Promise<WebhookReceiver> {
  const heard: Heard[] = [];
  let how: Parameters<WebhookReceiver['answer']>[0] = 204;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const one = { headers: request.headers, body, target: request.url ?? '' };
      heard.push(one);
      if (typeof how === 'number') response.writeHead(how).end();
      else how(response, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    heard,
    answer(next) {
      how = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
