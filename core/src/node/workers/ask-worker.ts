/**
 * The primary's end of the bridge to one worker: a request of the admin port goes over, its answer comes
 * back in parts, so that a page may stream. Whoever reads slowly slows the worker down, and nobody waits for
 * a worker that is gone.
 *
 * @module
 */
import { systemClock } from '../../context/clock.ts';
import type { AdminHead, AdminRequest, Answering, Asking } from './messages.ts';

/** The worker did not answer: it is gone, silent, or asked too much at once. */
export class WorkerSilent extends Error {
  override readonly name = 'WorkerSilent';
}

export interface AskWorker {
  /**
   * Resolves when the answer begins.
   *
   * @throws {WorkerSilent} when it does not within `timeoutMs`, or 64 answers are open already.
   */
  ask(request: AdminRequest, timeoutMs: number): Promise<Response>;
  /** Takes a part of an answer. */
  receive(part: Answering): void;
  /** The worker is gone: what is open breaks. */
  end(): void;
}

const maxOpen = 64;

interface Open {
  begin(head: AdminHead): void;
  chunk(bytes: Uint8Array<ArrayBuffer>): void;
  end(isBroken: boolean): void;
}

export function askWorker(send: (message: Asking) => void): AskWorker {
  const open = new Map<number, Open>();
  let ids = 0;
  return {
    ask(request, timeoutMs) {
      if (open.size >= maxOpen) return Promise.reject(new WorkerSilent(`${maxOpen} answers are open`));
      ids += 1;
      const id = ids;
      return new Promise((resolve, reject) => {
        const giveUp = (why: string): void => {
          open.delete(id);
          stopTimer();
          reject(new WorkerSilent(why));
        };
        const stopTimer = systemClock.after(timeoutMs, () => {
          giveUp(`no answer within ${timeoutMs} ms`);
          send({ kind: 'cancel', id });
        });
        open.set(id, {
          begin(head) {
            stopTimer();
            resolve(responseOf(head, id));
          },
          chunk() {},
          end: () => giveUp('it is gone'),
        });
        send({ kind: 'ask', id, request });
      });
    },
    receive(part) {
      const answer = open.get(part.id);
      if (part.kind === 'head') answer?.begin(part.head);
      else if (part.kind === 'chunk') answer?.chunk(part.bytes);
      else answer?.end(part.isBroken);
    },
    end() {
      for (const answer of open.values()) answer.end(true);
    },
  };

  function responseOf({ status, headers, hasBody }: AdminHead, id: number): Response {
    const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) };
    if (hasBody) return new Response(bodyOf(id), init);
    open.delete(id);
    return new Response(null, init);
  }

  function bodyOf(id: number): ReadableStream<Uint8Array> {
    let arrived = (): void => {};
    return new ReadableStream(
      {
        start(controller) {
          open.set(id, {
            begin() {},
            chunk(bytes) {
              controller.enqueue(bytes);
              arrived();
            },
            end(isBroken) {
              open.delete(id);
              if (isBroken) controller.error(new WorkerSilent('it broke off'));
              else controller.close();
              arrived();
            },
          });
        },
        pull() {
          send({ kind: 'more', id });
          return new Promise<void>((resolve) => {
            arrived = resolve;
          });
        },
        cancel() {
          open.delete(id);
          send({ kind: 'cancel', id });
          arrived();
        },
      },
      { highWaterMark: 0 },
    );
  }
}
