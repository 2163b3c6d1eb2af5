import { expect, test, vi } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { type MemoryRecordsOptions, memoryRecords } from './memory-records.ts';
import type { RecordStore } from './record-store.ts';

function rig(options: MemoryRecordsOptions = {}) {
  const clock = manualClock();
  const onFull = vi.fn();
  const records = memoryRecords({ clock, onFull, ...options });
  return { clock, onFull, records };
}

async function heldOf(records: RecordStore, names: string): Promise<string> {
  const found = await Promise.all([...names].map((name) => records.get(`k:{${name}}`)));
  return [...names].filter((_name, index) => found[index] !== undefined).join('');
}

test('a full store drops what was used longest ago, and says so', async () => {
  const { records, onFull } = rig({ maxRecords: 2 });
  await records.set('k:{a}', '1');
  await records.set('k:{b}', '1');
  await records.get('k:{a}');
  expect(onFull).not.toHaveBeenCalled();
  await records.set('k:{c}', '1');
  expect(await heldOf(records, 'abc')).toBe('ac');
  expect(onFull).toHaveBeenCalledOnce();
});

test('a full store is told once a minute', async () => {
  const { records, onFull, clock } = rig({ maxRecords: 1 });
  for (const name of ['a', 'b', 'c']) await records.set(`k:{${name}}`, '1');
  clock.advance(59_999);
  await records.set('k:{d}', '1');
  expect(onFull).toHaveBeenCalledTimes(1);
  clock.advance(1);
  await records.set('k:{e}', '1');
  expect(onFull).toHaveBeenCalledTimes(2);
});

test('a full store says so through the process, where nobody else hears it', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const records = memoryRecords({ maxRecords: 1 });
  await records.set('k:{a}', '1');
  await records.set('k:{b}', '1');
  expect(warned).toHaveBeenCalledExactlyOnceWith('memoryRecords is full: it dropped a record before its end');
  warned.mockRestore();
});

test('what has ended makes room before anything alive does, and is not missed', async () => {
  const { records, onFull, clock } = rig({ maxRecords: 3 });
  await records.set('k:{a}', '1');
  await records.set('k:{b}', '1', { ttlMs: 10 });
  await records.set('k:{c}', '1');
  clock.advance(10);
  await records.set('k:{d}', '1');
  expect(await heldOf(records, 'abcd')).toBe('acd');
  expect(onFull).not.toHaveBeenCalled();
});

test('a full store looks for what has ended once a second, not at every write', async () => {
  const { records, clock } = rig({ maxRecords: 3 });
  for (const name of ['a', 'b', 'c', 'd']) await records.set(`k:{${name}}`, '1'); // searched now
  await records.set('k:{c}', '1', { ttlMs: 10 });
  clock.advance(999);
  await records.set('k:{e}', '1');
  expect(await heldOf(records, 'bde')).toBe('de');
  await records.set('k:{d}', '1', { ttlMs: 1 });
  clock.advance(1);
  await records.set('k:{f}', '1');
  await records.set('k:{g}', '1');
  expect(await heldOf(records, 'defg')).toBe('efg');
});

test('replacing a record of a full store drops no other', async () => {
  const { records, onFull } = rig({ maxRecords: 2 });
  await records.set('k:{a}', '1');
  await records.set('k:{b}', '1');
  await records.set('k:{a}', '2');
  expect(await heldOf(records, 'ab')).toBe('ab');
  expect(onFull).not.toHaveBeenCalled();
});

test('the size is bounded as well as the number, texts and sets alike', async () => {
  const { records, onFull } = rig({ maxBytes: 1_024 });
  await records.set('k:{a}', 'x'.repeat(500));
  await records.add('k:{b}', 'x'.repeat(300), 1_000);
  await records.add('k:{b}', 'y'.repeat(200), 1_000);
  expect(await records.get('k:{a}')).toHaveLength(500);
  expect(onFull).not.toHaveBeenCalled();
  await records.set('k:{c}', 'x'.repeat(400));
  expect(await heldOf(records, 'ac')).toBe('ac');
  expect(await records.members('k:{b}')).toEqual([]);
  expect(onFull).toHaveBeenCalledOnce();
});

test('a record that is larger than the whole store is refused, never dropped silently', async () => {
  const { records } = rig({ maxBytes: 1_024 });
  await expect(records.set('k:{a}', 'x'.repeat(1_024))).rejects.toThrow(
    'a record of 1029 is larger than maxBytes 1024',
  );
});

test('setting the date of the machine ends nothing early and nothing late', async () => {
  const { records, clock } = rig();
  await records.set('k:{a}', '1', { ttlMs: 1_000 });
  clock.setWall(clock.wallMs() + 86_400_000);
  expect(await heldOf(records, 'a')).toBe('a');
  clock.setWall(0);
  clock.advance(999);
  expect(await heldOf(records, 'a')).toBe('a');
  clock.advance(1);
  expect(await heldOf(records, 'a')).toBe('');
});

test('a subscriber that throws breaks nothing but itself', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const { records } = rig();
  const heard: string[] = [];
  const error = new Error('mine');
  records.subscribe(
    'news',
    () => {
      throw error;
    },
    () => {},
  );
  records.subscribe(
    'news',
    () => {
      throw 'text'; // oxlint-disable-line no-throw-literal
    },
    () => {},
  );
  records.subscribe(
    'news',
    (message) => heard.push(message),
    () => {},
  );
  await records.publish('news', 'hello');
  expect(heard).toEqual(['hello']);
  expect(warned.mock.calls).toEqual([[error], [new Error('text')]]);
  warned.mockRestore();
});

test('who stops listening in the middle of a message harms nobody', async () => {
  const { records } = rig();
  const heard: string[] = [];
  const stop = records.subscribe(
    'news',
    (message) => {
      heard.push(`first ${message}`);
      stop();
    },
    () => {},
  );
  records.subscribe(
    'news',
    (message) => heard.push(`second ${message}`),
    () => {},
  );
  await records.publish('news', '1');
  await records.publish('news', '2');
  expect(heard).toEqual(['first 1', 'second 1', 'second 2']);
});

test('a closed store is empty and silent', async () => {
  const { records } = rig();
  const heard = vi.fn();
  records.subscribe('news', heard, heard);
  await records.set('k:{a}', '1');
  await records.close();
  await records.publish('news', 'hello');
  expect(await heldOf(records, 'a')).toBe('');
  expect(heard).not.toHaveBeenCalled();
});

test.each([
  [{ maxRecords: 0 }, 'memoryRecords: maxRecords must be a number from 1 to 10000000, got 0'],
  [{ maxRecords: 1.5 }, 'memoryRecords: maxRecords must be a whole number from 1 to 10000000, got 1.5'],
  [{ maxBytes: 1_023 }, 'memoryRecords: maxBytes must be a number from 1024 to 4294967296, got 1023'],
  [{ maxRecord: 1 }, "memoryRecords: unknown option 'maxRecord'; did you mean 'maxRecords'?"],
])('%j is refused at boot', (options, message) => {
  expect(() => memoryRecords(options as MemoryRecordsOptions)).toThrow(new RangeError(message));
});
