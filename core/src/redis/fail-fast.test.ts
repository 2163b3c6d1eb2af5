import { expect, test, vi } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { FailFast } from './fail-fast.ts';

function rig() {
  const clock = manualClock();
  const [onDown, onUp] = [vi.fn(), vi.fn()];
  return { clock, onDown, onUp, redis: new FailFast({ clock, timeoutMs: 80, onDown, onUp }) };
}

const refused = new Error('ECONNREFUSED');
const fails = (): Promise<never> => Promise.reject(refused);
const hangs = (): Promise<never> => Promise.withResolvers<never>().promise;

test('an answer passes, and leaves no timer', async () => {
  const { redis, clock, onDown } = rig();
  expect(await redis.ask([0], async () => 'fine')).toBe('fine');
  expect(await redis.ask([0], () => 'at once')).toBe('at once');
  expect(clock.pending()).toBe(0);
  expect(onDown).not.toHaveBeenCalled();
});

test('nobody waits longer than the timeout', async () => {
  const { redis, clock } = rig();
  const asked = redis.ask([0], hangs);
  clock.advance(80);
  clock.advance(0);
  await expect(asked).rejects.toThrow('no answer within 80 ms');
  expect(clock.pending()).toBe(0);
});

test('an answer that arrived while the event loop was late still counts', async () => {
  const fires: (() => void)[] = [];
  const after = (_delayMs: number, fire: () => void) => {
    fires.push(fire);
    return () => {};
  };
  const clock = { ...manualClock(), after };
  const { promise, resolve } = Promise.withResolvers<string>();
  const asked = new FailFast({ clock, timeoutMs: 80 }).ask([0], () => promise);
  fires[0]?.();
  resolve('late');
  expect(await asked).toBe('late');
  expect(fires).toHaveLength(2);
});

test('after a failure nobody asks for a second; all hear what failed', async () => {
  const { redis, clock, onDown } = rig();
  const question = vi.fn(fails);
  await expect(redis.ask([0], question)).rejects.toBe(refused);
  clock.advance(999);
  await expect(redis.ask([0], question)).rejects.toBe(refused);
  expect(question).toHaveBeenCalledOnce();
  clock.advance(1);
  await expect(redis.ask([0], question)).rejects.toBe(refused);
  expect(question).toHaveBeenCalledTimes(2);
  expect(onDown).toHaveBeenCalledExactlyOnceWith(refused);
});

test('then one question tries it, and its answer ends the rest', async () => {
  const { redis, clock, onUp } = rig();
  await redis.ask([0], fails).catch(() => {});
  clock.advance(1_000);
  const { promise, resolve } = Promise.withResolvers<string>();
  const trying = redis.ask([0], () => promise);
  await expect(redis.ask([0], async () => 'too early')).rejects.toBe(refused);
  resolve('fine');
  expect(await trying).toBe('fine');
  expect(await redis.ask([0], async () => 'too')).toBe('too');
  expect(onUp).toHaveBeenCalledOnce();
});

test('lanes rest apart, and what needs several rests with any of them', async () => {
  const { redis, clock, onDown, onUp } = rig();
  await redis.ask([0, 1], fails).catch(() => {});
  expect(await redis.ask([2], async () => 'fine')).toBe('fine');
  await expect(redis.ask([1, 2], async () => 'no')).rejects.toBe(refused);
  await redis.ask([2], fails).catch(() => {});
  expect(onDown).toHaveBeenCalledOnce();
  clock.advance(1_000);
  await redis.ask([0, 1], async () => 'fine');
  expect(onUp).not.toHaveBeenCalled();
  await redis.ask([2], async () => 'fine');
  expect(onUp).toHaveBeenCalledOnce();
});
