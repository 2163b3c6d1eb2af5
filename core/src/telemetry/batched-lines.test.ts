import { describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../testing/manual-clock.ts';
import { BatchedLines, type BatchOptions } from './batched-lines.ts';

/** A descriptor that does what the test says. */
function rig(options: BatchOptions = {}) {
  const clock: ManualClock = manualClock();
  const writes: string[] = [];
  let pending:
    | { bytes: Buffer; done(error: NodeJS.ErrnoException | null, written: number): void }
    | undefined;
  const lines = new BatchedLines(
    {
      write(parts, done) {
        pending = { bytes: Buffer.concat(parts), done };
      },
      writeNow(bytes) {
        writes.push(Buffer.from(bytes).toString());
        return bytes.length;
      },
    },
    { clock, ...options },
  );
  const take = (count?: number): void => {
    const { bytes, done } = pending ?? { bytes: Buffer.alloc(0), done() {} };
    const taken = bytes.subarray(0, count);
    pending = undefined;
    writes.push(taken.toString('latin1'));
    done(null, taken.length);
  };
  const fail = (code: string): void => {
    const { done } = pending ?? { done() {} };
    pending = undefined;
    done(Object.assign(new Error(code), { code }), 0);
  };
  return { lines, clock, writes, take, fail, isWriting: () => pending !== undefined };
}

test('lines wait for each other, a tenth of a second at most', () => {
  const { lines, clock, writes, take, isWriting } = rig();
  lines.write('one\n');
  clock.advance(99);
  lines.write('two\n');
  expect(isWriting()).toBe(false);
  clock.advance(1);
  take();
  expect(writes).toEqual(['one\ntwo\n']);
  expect(clock.pending()).toBe(0);
});

test('many lines do not wait, and nothing is written beside a write', () => {
  const { lines, writes, take, isWriting } = rig({ batchLength: 8 });
  for (const line of ['one\n', 'two\n', 'six\n', 'ten\n', 'end\n']) lines.write(line);
  take();
  take();
  expect(writes).toEqual(['one\ntwo\n', 'six\nten\n']);
  expect(isWriting()).toBe(false);
});

test('what a descriptor takes in pieces comes out whole', () => {
  const { lines, clock, writes, take } = rig({ batchLength: 5 });
  const all = ['größe\n', 'two\n', 'six\n'];
  for (const line of all) lines.write(line);
  clock.advance(100);
  for (let n = 0; n < 20; n += 1) take(1);
  expect(Buffer.from(writes.join(''), 'latin1').toString()).toBe(all.join(''));
});

test('a descriptor that takes nothing is asked again', () => {
  const { lines, clock, writes, take, fail, isWriting } = rig();
  lines.write('one\n');
  clock.advance(100);
  fail('EAGAIN');
  expect(isWriting()).toBe(false);
  clock.advance(10);
  take();
  expect([writes, lines.takeLost()]).toEqual([['one\n'], 0]);
});

test('what waits is bounded: beyond it lines are refused until there is room', () => {
  const { lines, clock, take } = rig({ maxBytes: 8, batchLength: 4 });
  const taken = ['one\n', 'two\n', 'six\n', 'ten\n'].map((line) => lines.write(line));
  expect(taken).toEqual([true, true, true, false]);
  take();
  clock.advance(100);
  take();
  expect(lines.write('end\n')).toBe(true);
});

test('lines that cannot be written are counted, and the next ones tried', () => {
  const { lines, clock, writes, take, fail } = rig();
  lines.write('one\n');
  lines.write('two\n');
  clock.advance(100);
  fail('ENOSPC');
  expect([lines.takeLost(), lines.takeLost()]).toEqual([2, 0]);
  lines.write('six\n');
  clock.advance(100);
  take();
  expect(writes).toEqual(['six\n']);
});

describe('a flush', () => {
  test('is over when everything is out', async () => {
    const { lines, take, clock } = rig();
    lines.write('one\n');
    const flushed = lines.flush();
    take();
    await flushed;
    await lines.flush();
    clock.advance(100);
    expect(clock.pending()).toBe(0);
  });

  test('is over after a second when nobody reads', async () => {
    const { lines, clock } = rig();
    lines.write('one\n');
    const flushed = lines.flush();
    clock.advance(1_000);
    await flushed;
  });
});

describe('at the end of the process', () => {
  test('the rest is written at once, after what is being written', () => {
    const { lines, clock, writes } = rig();
    lines.write('one\n');
    clock.advance(100); // a thread has it
    lines.write('two\n');
    lines.flushNow();
    expect(writes).toEqual(['two\n']);
  });

  test('what waits for a descriptor that took nothing is tried once more', () => {
    const { lines, clock, writes, fail } = rig();
    lines.write('one\n');
    clock.advance(100);
    fail('EAGAIN');
    lines.write('two\n');
    lines.flushNow();
    expect(writes).toEqual(['one\n', 'two\n']);
  });

  test('nothing is tried where a write has hung for more than a second', () => {
    const { lines, clock, writes } = rig();
    lines.write('one\n');
    clock.advance(100);
    lines.write('two\n');
    clock.advance(1_001);
    lines.flushNow();
    expect(writes).toEqual([]);
  });
});
