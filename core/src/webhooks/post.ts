/**
 * One attempt on the wire: a POST on a socket whose address was checked, with connections of its own, no redirects,
 * TLS verified, and an end after ten seconds whatever the receiver does. Of the answer its status counts, and
 * `Retry-After`; its body is read up to 16 KiB, so that the connection can be used again, and thrown away.
 *
 * @module
 */
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../context/clock.ts';
import { AddressRefused, checkedLookup, type Resolve } from './checked-lookup.ts';
import { readReceiverUrl } from './receiver-url.ts';
import { isPublicAddress } from './special-ranges.ts';

export interface PostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why there was no answer. */
export type PostFailure = 'timeout' | 'address-refused' | 'tls' | 'connection';

export type PostResult =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly failure: PostFailure };

export interface Poster {
  /** Never rejects. */
  post(request: PostRequest): Promise<PostResult>;
  /** Ends at once what is under way. */
  close(): Promise<void>;
}

export interface PosterOptions {
  readonly clock: Clock;
  readonly resolve: Resolve;
  /** Lets webhooks go to private networks, and without TLS. */
  readonly allowPrivate: boolean;
}

/** An attempt takes this long at most, from the name to the status. */
export const attemptMs = 10_000;
const maxAnswerBytes = 16_384;
const maxHeaderBytes = 16_384;
const keepAliveMs = 4_000;
const connectionsPerOrigin = 8;

export function openPoster({ clock, resolve, allowPrivate }: PosterOptions): Poster {
  const agent = new Agent({
    connections: connectionsPerOrigin,
    connect: {
      timeout: attemptMs,
      lookup: checkedLookup(resolve, allowPrivate ? () => true : isPublicAddress),
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
    },
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 0, // an attempt has a time of its own
    bodyTimeout: 0,
    pipelining: 1,
  });
  return {
    async post({ url: text, headers, body }) {
      const read = readReceiverUrl(text, allowPrivate); // an address in it is never looked up
      if ('fault' in read) return { failure: 'address-refused' };
      const { origin, pathname, search } = read.url;
      const attempt = new Attempt();
      const stop = clock.after(attemptMs, () => attempt.end({ failure: 'timeout' }));
      try {
        agent.dispatch({ origin, path: pathname + search, method: 'POST', headers, body }, attempt);
        return await attempt.result;
      } finally {
        stop();
      }
    },
    close: () => agent.destroy(),
  };
}

/** Settles once: with the status when the body has ended or was enough. */
class Attempt implements Dispatcher.DispatchHandler {
  readonly result: Promise<PostResult>;
  #settle: (result: PostResult) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #answer: PostResult | undefined;
  #isEnded = false;
  #bytes = 0;

  constructor() {
    this.result = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** A status that is known counts more than how the answer ended. */
  end(result: PostResult): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#settle(this.#answer ?? result);
    this.#controller?.abort(new Error('the attempt has ended'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isEnded) controller.abort(new Error('the attempt has ended'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    const retryAfter = headers['retry-after'];
    this.#answer = { status, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.byteLength;
    if (this.#bytes > maxAnswerBytes) this.end({ failure: 'connection' });
  }

  onResponseEnd(): void {
    this.#isEnded = true;
    this.#settle(this.#answer ?? { failure: 'connection' });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#settle(this.#answer ?? { failure: failureOf(error) });
  }
}

function failureOf(error: Error): PostFailure {
  if (error instanceof AddressRefused) return 'address-refused';
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'timeout';
  // Node names what TLS and X.509 find wrong by OpenSSL's words.
  return /^(ERR_(TLS|SSL)|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_)|_CERT_/.test(code)
    ? 'tls'
    : 'connection';
}
