/**
 * The wire to an identity provider, in the shape `oauth4webapi` asks for: bounded in time, bytes and
 * connections, and never redirected with a secret in hand.
 *
 * @module
 */
import type { CustomFetchOptions } from 'oauth4webapi';
import { Agent, request } from 'undici';
import type { Clock } from '../context/clock.ts';

const timeoutMs = 2_000;
const connections = 16;
const maxBytes = 64 * 1_024;

export type TokenFetch = (
  url: string,
  options: Pick<
    CustomFetchOptions<'GET' | 'POST', URLSearchParams | undefined>,
    'method' | 'headers' | 'body'
  >,
) => Promise<Response>;

export interface TokenHttp {
  /** Rejects when there is no whole answer of 200 or 4xx within 2 s. */
  fetch(clock: Clock): TokenFetch;
  close(): Promise<void>;
}

export function tokenHttp(): TokenHttp {
  const agent = new Agent({ connections, connect: { timeout: timeoutMs } });
  return {
    fetch: (clock) => async (url, options) => {
      const ending = new AbortController();
      const stop = clock.after(timeoutMs, () => ending.abort(new Error(`no answer within ${timeoutMs} ms`)));
      try {
        return await answerOf(agent, url, options, ending.signal);
      } finally {
        stop();
      }
    },
    close: () => agent.destroy(),
  };
}

async function answerOf(
  dispatcher: Agent,
  url: string,
  { method, headers, body }: Parameters<TokenFetch>[1],
  signal: AbortSignal,
): Promise<Response> {
  const answer = await request(url, {
    dispatcher,
    method,
    headers,
    body: body?.toString() ?? null,
    signal,
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RangeError(`it answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const status = answer.statusCode;
  if (status !== 200 && (status < 400 || status > 499)) throw new Error(`it answered ${status}`); // redirects are not followed
  const type = answer.headers['content-type'];
  return new Response(Buffer.concat(chunks), {
    status,
    headers: { 'content-type': typeof type === 'string' ? type : '' },
  });
}
