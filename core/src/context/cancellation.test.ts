import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { Cancellation } from './cancellation.ts';

const gone = new GatewayError('client-gone');
const late = new GatewayError('deadline-exceeded');

/** Writes down what it hears. */
function listener(heard: unknown[]): (reason: GatewayError) => void {
  return (reason) => heard.push(reason);
}

describe('cancelling', () => {
  test('is heard by everybody before it returns, once, with the first reason', () => {
    const cancellation = new Cancellation();
    const heard: unknown[] = [];
    cancellation.listen(listener(heard));
    cancellation.listen(listener(heard));
    expect(cancellation.reason).toBeUndefined();
    cancellation.cancel(gone);
    cancellation.cancel(late);
    expect(heard).toEqual([gone, gone]);
    expect(cancellation.reason).toBe(gone);
  });

  test('is heard at once by who comes later', () => {
    const cancellation = new Cancellation();
    const heard: unknown[] = [];
    cancellation.cancel(gone);
    cancellation.listen(listener(heard));
    expect(heard).toEqual([gone]);
  });

  test('is not heard by who stopped listening', () => {
    const cancellation = new Cancellation();
    const heard: unknown[] = [];
    const hear = listener(heard);
    cancellation.listen(hear);
    cancellation.unlisten(hear);
    cancellation.unlisten(hear);
    cancellation.cancel(gone);
    expect(heard).toEqual([]);
  });

  test('a listener may cancel again, listen and stop listening', () => {
    const cancellation = new Cancellation();
    const heard: unknown[] = [];
    const first = (): void => {
      cancellation.unlisten(first);
      cancellation.cancel(late);
      cancellation.listen(listener(heard));
    };
    cancellation.listen(first);
    cancellation.cancel(gone);
    expect(heard).toEqual([gone]);
  });
});

describe('the signal', () => {
  test('is one, and is aborted with the reason', () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    expect([cancellation.signal === signal, signal.aborted]).toEqual([true, false]);
    cancellation.cancel(gone);
    expect([signal.aborted, signal.reason]).toEqual([true, gone]);
  });

  test('that is asked for afterwards is aborted already', () => {
    const cancellation = new Cancellation();
    cancellation.cancel(gone);
    expect([cancellation.signal.aborted, cancellation.signal.reason]).toEqual([true, gone]);
  });

  test('is made for nobody who does not ask', () => {
    const made: unknown[] = [];
    const original = globalThis.AbortController;
    globalThis.AbortController = class extends original {
      constructor() {
        super();
        made.push(this);
      }
    };
    try {
      const cancellation = new Cancellation();
      cancellation.listen(listener([]));
      cancellation.cancel(gone);
      expect(made).toHaveLength(0);
      void cancellation.signal;
      expect(made).toHaveLength(1);
    } finally {
      globalThis.AbortController = original;
    }
  });
});

describe('a race', () => {
  test('ends like the work', async () => {
    const cancellation = new Cancellation();
    expect(await cancellation.race(Promise.resolve('done'))).toBe('done');
    await expect(cancellation.race(Promise.reject(late))).rejects.toBe(late);
  });

  test('ends with the reason as soon as there is one', async () => {
    const cancellation = new Cancellation();
    const racing = cancellation.race(new Promise(() => {}));
    cancellation.cancel(gone);
    await expect(racing).rejects.toBe(gone);
    await expect(cancellation.race(new Promise(() => {}))).rejects.toBe(gone);
  });

  test('leaves no listener behind, however it ends', async () => {
    const cancellation = new Cancellation();
    const listening = countListeners(cancellation);
    for (let index = 0; index < 100; index += 1) await cancellation.race(Promise.resolve(index));
    await cancellation.race(Promise.reject(late)).catch(() => {});
    expect(listening()).toBe(0);
    const racing = cancellation.race(new Promise(() => {}));
    expect(listening()).toBe(1);
    cancellation.cancel(gone);
    await racing.catch(() => {});
    expect(listening()).toBe(0);
  });

  test('that was lost does not leave a rejection nobody hears', async () => {
    const cancellation = new Cancellation();
    const work = Promise.withResolvers<never>();
    const racing = cancellation.race(work.promise);
    cancellation.cancel(gone);
    await expect(racing).rejects.toBe(gone);
    work.reject(late); // vitest fails the run on an unhandled rejection
    await Promise.resolve();
  });

  test('adds nothing to the signal', async () => {
    const cancellation = new Cancellation();
    const { signal } = cancellation;
    await cancellation.race(Promise.resolve());
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

/** Counts who listens by watching the two doors. */
function countListeners(cancellation: Cancellation): () => number {
  const listening = new Set<unknown>();
  const [listen, unlisten] = [
    cancellation.listen.bind(cancellation),
    cancellation.unlisten.bind(cancellation),
  ];
  cancellation.listen = (hear) => {
    listening.add(hear);
    listen(hear);
  };
  cancellation.unlisten = (hear) => {
    listening.delete(hear);
    unlisten(hear);
  };
  return () => listening.size;
}
