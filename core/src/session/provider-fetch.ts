/**
 * The wire to the identity provider: bounded in time and size, without redirects, and only to places that
 * TLS or the loopback interface protects.
 *
 * @module
 */
import type { CustomFetch } from 'openid-client';
import { Agent, request } from 'undici';

/** Milliseconds one call to the provider may take. */
export const providerTimeoutMs = 3_000;

const maxBytes = 256 * 1_024;

export interface ProviderFetch {
  readonly fetch: CustomFetch;
  close(): Promise<void>;
}

/**
 * Connections are not kept: calls are rare, and a token request must never meet a connection that the
 * provider has just closed.
 */
export function providerFetch(): ProviderFetch {
  const agent = new Agent({ pipelining: 0, connect: { timeout: providerTimeoutMs } });
  return {
    async fetch(url, { method, headers, body, signal }) {
      requireProtected(new URL(url));
      const answer = await request(url, {
        dispatcher: agent,
        method: method as 'GET',
        headers,
        body: body === undefined || body === null ? null : String(body), // forms and JSON, never a stream
        headersTimeout: providerTimeoutMs,
        bodyTimeout: providerTimeoutMs,
        signal: signal ?? AbortSignal.timeout(providerTimeoutMs),
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > maxBytes) throw new RangeError(`the identity provider sent more than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      const hasBody = answer.statusCode !== 204 && answer.statusCode !== 304;
      return new Response(hasBody ? Buffer.concat(chunks).toString('utf8') : null, {
        status: answer.statusCode,
        headers: headersOf(answer.headers),
      });
    },
    close: () => agent.close(),
  };
}

/** Whether nobody else can hear what is sent to this host in clear. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function requireProtected({ protocol, hostname }: URL): void {
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return;
  throw new TypeError('the identity provider names an address without TLS');
}

function headersOf(fields: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return headers;
}
