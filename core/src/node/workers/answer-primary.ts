/**
 * The worker's end of the bridge: answers requests of the admin port that the primary passes on, part by
 * part, each when it is asked for.
 *
 * @module
 */
import type { AdminRequest, Answering, Asking } from './messages.ts';

export interface AnswerPrimary {
  /** Takes a request, or what the primary wants of the answer. */
  receive(message: Asking): void;
  /** Ends all answers. */
  end(): void;
}

interface Open {
  readonly abort: AbortController;
  more(): void;
}

/** Of the connection between the operator and the primary, or made anew. */
const notPassedOn = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** @param fetch Answers a request of the admin port, such as `adminApp(…).fetch`. */
export function answerPrimary(
  fetch: (request: Request) => Response | Promise<Response>,
  send: (message: Answering) => void,
): AnswerPrimary {
  const open = new Map<number, Open>();
  return {
    receive(message) {
      if (message.kind === 'ask') void answer(message.id, message.request);
      else if (message.kind === 'more') open.get(message.id)?.more();
      else cut(message.id);
    },
    end() {
      for (const id of open.keys()) cut(id);
    },
  };

  async function answer(id: number, asked: AdminRequest): Promise<void> {
    const abort = new AbortController();
    let wanted = Promise.withResolvers<void>();
    open.set(id, { abort, more: () => wanted.resolve() });
    abort.signal.addEventListener('abort', () => wanted.resolve(), { once: true });
    try {
      const response = await fetch(requestOf(asked, abort.signal));
      const reader = response.body?.getReader();
      send({ kind: 'head', id, head: headOf(response) });
      if (reader === undefined) return;
      abort.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}), { once: true });
      for (;;) {
        await wanted.promise;
        if (abort.signal.aborted) break;
        wanted = Promise.withResolvers();
        const { done, value } = await reader.read();
        if (done) break;
        send({ kind: 'chunk', id, bytes: new Uint8Array(value) });
      }
      send({ kind: 'end', id, isBroken: false });
    } catch {
      send({ kind: 'end', id, isBroken: true });
    } finally {
      open.delete(id);
    }
  }

  function cut(id: number): void {
    open.get(id)?.abort.abort();
    open.delete(id);
  }
}

function requestOf({ method, target, headers, body }: AdminRequest, signal: AbortSignal): Request {
  const kept = Object.entries(headers).filter(([name]) => !notPassedOn.has(name.toLowerCase()));
  const host = headers.host ?? 'localhost';
  const init = { method, signal, headers: Object.fromEntries(kept) };
  return new Request(`http://${host}${target}`, body === undefined ? init : { ...init, body });
}

function headOf(response: Response): (Answering & { kind: 'head' })['head'] {
  return { status: response.status, headers: [...response.headers], hasBody: response.body !== null };
}
