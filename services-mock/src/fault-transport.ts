/**
 * Makes requests meet their faults, on the wire: real delays, real resets, real half answers.
 *
 * @module
 */
import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Fingerprint } from './directory.ts';
import type { Misfortune } from './fault-board.ts';
import { htmlPage, hugeJson } from './fault-bodies.ts';
import type { Handler } from './listen.ts';
import { errorBody } from './rest/service-error.ts';

/** How long the first half of a body travels before the connection is reset: a reset may overtake it. */
const HALF_BODY_HEAD_START_MS = 10;

/** What stands between a service and its callers. */
export interface Interference {
  /** Draws what the next request meets. */
  readonly draw: () => Misfortune;
  /** The headers of the service, which broken answers carry too. */
  readonly fingerprint: Fingerprint;
}

/** Lets the requests of a service meet their misfortune, and the lucky ones pass. */
export function withFaults(serve: Handler, { draw, fingerprint }: Interference): Handler {
  const headers = { ...fingerprint };

  async function suffer(request: Request, outgoing: ServerResponse, fate: Misfortune): Promise<Response> {
    const present = fate.delayMs === 0 || (await pause(fate.delayMs, outgoing));
    if (!present) return RESPONSE_ALREADY_SENT;
    switch (fate.effect?.mode) {
      case undefined:
        return serve(request, outgoing);
      case 'status':
        return Response.json(errorBody('unavailable', 'The service is in trouble.'), {
          status: fate.effect.status,
          headers,
        });
      case 'content-type':
        return new Response(htmlPage(), { headers: { ...headers, 'Content-Type': fate.effect.mediaType } });
      case 'huge':
        return new Response(hugeJson(fate.effect.bytes), {
          headers: { ...headers, 'Content-Type': 'application/json' },
        });
      case 'malformed':
        return breakOff(await serve(request, outgoing));
      case 'hang':
        return gone(outgoing);
      case 'reset':
        outgoing.socket?.resetAndDestroy();
        return RESPONSE_ALREADY_SENT;
      case 'hang-body':
        await sendHalf(await serve(request, outgoing), outgoing);
        return gone(outgoing);
      case 'reset-body':
        await sendHalf(await serve(request, outgoing), outgoing);
        if (await pause(HALF_BODY_HEAD_START_MS, outgoing)) outgoing.socket?.resetAndDestroy();
        return RESPONSE_ALREADY_SENT;
    }
  }

  return function faultyHandler(request, outgoing) {
    const fate = draw();
    const spared = fate.delayMs === 0 && fate.effect === undefined;
    return spared ? serve(request, outgoing) : suffer(request, outgoing, fate);
  };
}

/** Waits, and says whether the caller is still there. */
async function pause(ms: number, outgoing: ServerResponse): Promise<boolean> {
  const left = new AbortController();
  const leave = (): void => left.abort();
  outgoing.once('close', leave);
  try {
    await sleep(ms, undefined, { signal: left.signal });
    return true;
  } catch {
    return false;
  } finally {
    outgoing.off('close', leave);
  }
}

/** Waits until the caller has gone, or the server closes the connection. */
function gone(outgoing: ServerResponse): Promise<Response> {
  return new Promise((resolve) => finished(outgoing, () => resolve(RESPONSE_ALREADY_SENT)));
}

/** The first half of an answer; half of an object or a list is never valid JSON. */
async function breakOff(answer: Response): Promise<Response> {
  const text = await answer.text();
  const half = text === '' ? '{' : text.slice(0, Math.ceil(text.length / 2));
  return new Response(half, {
    status: text === '' ? 200 : answer.status,
    headers: { ...Object.fromEntries(answer.headers), 'Content-Type': 'application/json' },
  });
}

/** Sends headers that promise the whole answer, and half of it. */
async function sendHalf(answer: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  const promised = Math.max(body.length, 2);
  outgoing.writeHead(answer.body === null ? 200 : answer.status, {
    ...Object.fromEntries(answer.headers),
    'Content-Type': 'application/json',
    'Content-Length': promised,
  });
  const half = body.length === 0 ? Buffer.from('{') : body.subarray(0, body.length / 2);
  await new Promise<void>((resolve) => outgoing.write(half, () => resolve()));
}
