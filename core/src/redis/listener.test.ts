import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { Listener } from './listener.ts';

/** A connection that does what the test says. */
class FakeRedis extends EventEmitter {
  isWell = true;
  readonly subscribe = vi.fn(async () => this.#answer());
  readonly unsubscribe = vi.fn(async () => this.#answer());
  readonly ping = vi.fn(async () => this.#answer());
  readonly disconnect = vi.fn(() => void this.emit('end'));

  async #answer(): Promise<void> {
    if (!this.isWell) throw new Error('Command timed out');
  }
}

function rig() {
  const clock = manualClock();
  const opened: FakeRedis[] = [];
  const [onMessage, onBegin] = [vi.fn(), vi.fn()];
  const listener = new Listener({
    clock,
    open() {
      const redis = new FakeRedis();
      opened.push(redis);
      return redis as unknown as Redis;
    },
    onMessage,
    onBegin,
  });
  const last = (): FakeRedis => opened.at(-1) ?? expect.fail('nothing was opened');
  const settle = async (): Promise<void> => {
    await new Promise(setImmediate);
  };
  return {
    clock,
    opened,
    listener,
    onMessage,
    onBegin,
    last,
    settle,
    async ready() {
      last().emit('ready');
      await settle();
    },
  };
}

test('it connects with the first channel, and begins with all that are wanted by then', async () => {
  const { listener, opened, last, ready, onBegin } = rig();
  expect(opened).toHaveLength(0);
  listener.listen('a');
  listener.listen('b');
  listener.listen('a');
  expect(opened).toHaveLength(1);
  expect(last().subscribe).not.toHaveBeenCalled();
  await ready();
  expect(last().subscribe.mock.calls).toEqual([['a', 'b']]);
  expect(onBegin.mock.calls).toEqual([[['a', 'b']]]);
});

test('a later channel begins alone, and messages of all pass', async () => {
  const { listener, last, ready, settle, onBegin, onMessage } = rig();
  listener.listen('a');
  await ready();
  listener.listen('b');
  listener.listen('b');
  await settle();
  expect(onBegin.mock.calls).toEqual([[['a']], [['b']]]);
  last().emit('message', 'b', 'hello');
  expect(onMessage.mock.calls).toEqual([['b', 'hello']]);
});

test('a lost connection is opened again, later with each failure, and begins anew', async () => {
  const { listener, opened, last, ready, clock, onBegin } = rig();
  listener.listen('a');
  await ready();
  for (const delayMs of [40, 80, 160, 320, 640, 1_000, 1_000]) {
    last().emit('error', new Error('ECONNREFUSED'));
    last().emit('end');
    const before = opened.length;
    clock.advance(delayMs - 1);
    expect(opened).toHaveLength(before);
    clock.advance(1);
    expect(opened).toHaveLength(before + 1);
  }
  await ready();
  expect(onBegin.mock.calls).toEqual([[['a']], [['a']]]);
  last().emit('end');
  clock.advance(40); // a success forgives what was before
  expect(opened).toHaveLength(9);
});

test('a connection that says nothing is asked every two seconds, and left when it does not answer', async () => {
  const { listener, opened, last, ready, settle, clock } = rig();
  listener.listen('a');
  await ready();
  clock.advance(1_999);
  expect(last().ping).not.toHaveBeenCalled();
  clock.advance(1);
  await settle();
  clock.advance(2_000);
  await settle();
  expect(last().ping).toHaveBeenCalledTimes(2);
  last().isWell = false;
  clock.advance(2_000);
  await settle();
  expect(opened[0]?.disconnect).toHaveBeenCalledOnce();
  clock.advance(40);
  expect(opened).toHaveLength(2);
});

test('an answer that comes after the connection was lost asks nothing more', async () => {
  const { listener, opened, last, ready, settle, clock } = rig();
  listener.listen('a');
  await ready();
  clock.advance(2_000);
  last().emit('end');
  await settle();
  expect(clock.pending()).toBe(1);
  clock.advance(40);
  expect(opened).toHaveLength(2);
  expect(clock.pending()).toBe(0);
});

test('a connection on which listening cannot begin is left for another', async () => {
  const { listener, opened, last, ready, settle, clock, onBegin } = rig();
  listener.listen('a');
  last().isWell = false;
  await ready();
  expect(onBegin).not.toHaveBeenCalled();
  expect(last().disconnect).toHaveBeenCalledOnce();
  clock.advance(40);
  await ready();
  expect(opened).toHaveLength(2);
  expect(onBegin).toHaveBeenCalledOnce();
  last().isWell = false;
  listener.listen('b');
  await settle();
  expect(last().disconnect).toHaveBeenCalledOnce();
});

test('what is left is not begun again; a refusal to stop it is nobody’s concern', async () => {
  const { listener, last, ready, settle, clock, onBegin } = rig();
  listener.listen('a');
  listener.listen('b');
  listener.leave('b');
  expect(last().unsubscribe).not.toHaveBeenCalled();
  await ready();
  expect(onBegin.mock.calls).toEqual([[['a']]]);
  listener.listen('b');
  await settle();
  last().isWell = false;
  listener.leave('b');
  await settle();
  expect(last().unsubscribe.mock.calls).toEqual([['b']]);
  expect(last().disconnect).not.toHaveBeenCalled();
  last().emit('end');
  clock.advance(40);
  await ready();
  expect(onBegin.mock.calls.at(-1)).toEqual([['a']]);
});

test('when nobody listens, a lost connection stays away until somebody does', async () => {
  const { listener, opened, last, ready, clock } = rig();
  listener.listen('a');
  await ready();
  listener.leave('a');
  last().emit('end');
  expect(clock.pending()).toBe(0);
  listener.listen('a');
  expect(opened).toHaveLength(2);
});

test('who leaves while it connects begins nothing', async () => {
  const { listener, last, ready, onBegin } = rig();
  listener.listen('a');
  listener.leave('a');
  await ready();
  expect(last().subscribe).not.toHaveBeenCalled();
  expect(onBegin).not.toHaveBeenCalled();
});

test('who comes while the next try is due does not wait for it', async () => {
  const { listener, opened, last, clock } = rig();
  listener.listen('a');
  last().emit('end');
  listener.leave('a');
  listener.listen('b');
  expect(opened).toHaveLength(2);
  expect(clock.pending()).toBe(0);
});

test('a closed listener leaves no connection and no timer, and opens none', async () => {
  const { listener, opened, last, ready, clock } = rig();
  listener.listen('a');
  await ready();
  listener.close();
  expect(last().disconnect).toHaveBeenCalledOnce();
  expect(clock.pending()).toBe(0);
  listener.listen('a');
  expect(opened).toHaveLength(1);
});
