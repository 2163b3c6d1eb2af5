import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GatewayError } from '../problem/gateway-error.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { fileRecords } from './file-records.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bffkit-file-'));
  path = join(folder, 'records.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Whose clock stands still until the test moves it; whoever waits for a lock is moved on. */
function impatientClock(onPause = () => {}) {
  const clock = manualClock();
  const after = clock.after.bind(clock);
  return {
    ...clock,
    after(delayMs: number, fire: () => void) {
      if (delayMs > 100) return after(delayMs, fire);
      onPause();
      setImmediate(() => clock.advance(delayMs));
      return after(delayMs, fire);
    },
  };
}

const failure = (code: 'dependency-unavailable', message: string | RegExp) =>
  expect.objectContaining({
    code,
    options: expect.objectContaining({
      retryAfterMs: 1_000,
      cause: expect.objectContaining({ message: expect.stringMatching(message) }),
    }),
  });

test('the file is created with the first write, for its owner only, and nothing is left beside it', async () => {
  const records = fileRecords(path);
  expect(await records.get('k:{a}')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
  await records.set('k:{a}', '1');
  expect(readdirSync(folder)).toEqual(['records.json']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
    format: 'bffkit-records-1',
    published: 0,
    records: { 'k:{a}': { held: '1' } },
  });
});

test('a file that others could read is closed to them by the next write', async () => {
  await fileRecords(path).set('k:{a}', '1');
  chmodSync(path, 0o644);
  await fileRecords(path).set('k:{a}', '2');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('what was written is there after a restart, with its end', async () => {
  const clock = manualClock();
  await fileRecords(path, { clock }).set('k:{a}', '1', { ttlMs: 1_000 });
  clock.advance(999);
  const restarted = fileRecords(path, { clock });
  expect(await restarted.get('k:{a}')).toBe('1');
  clock.advance(1);
  expect(await restarted.get('k:{a}')).toBeUndefined();
});

test('what has ended leaves the file with the next write', async () => {
  const clock = manualClock();
  const records = fileRecords(path, { clock });
  await records.set('k:{a}', '1', { ttlMs: 1_000 });
  clock.advance(1_000);
  await records.set('k:{b}', '1');
  expect(readFileSync(path, 'utf8')).not.toContain('k:{a}');
});

test('changes that come together are made in their order, each with its own answer', async () => {
  const records = fileRecords(path);
  await records.set('k:{a}', '1');
  const answers = await Promise.allSettled([
    records.set('k:{b}', '1', { when: 'absent' }),
    records.set('k:{b}', '2', { when: 'absent' }),
    records.add('k:{a}', 'member', 1_000),
    records.delete('k:{a}'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(await records.get('k:{b}')).toBe('1');
  expect(await records.get('k:{a}')).toBeUndefined();
});

test('a write that changes nothing writes nothing', async () => {
  const records = fileRecords(path);
  await records.set('k:{a}', '1');
  const before = statSync(path, { bigint: true });
  expect(await records.set('k:{a}', '2', { when: 'absent' })).toBe(false);
  expect(await records.delete('k:{b}')).toBe(false);
  await records.remove('k:{c}', 'x');
  const { ctimeNs, ino } = statSync(path, { bigint: true });
  expect([ctimeNs, ino]).toEqual([before.ctimeNs, before.ino]);
});

test('a file that looks the same is read again while it is new, and not when it has settled', async () => {
  const clock = manualClock();
  const records = fileRecords(path, { clock });
  await records.set('k:{a}', '1');
  const { mtime, ino, size } = statSync(path);
  const swap = (from: string, to: string): void => {
    const fresh = readFileSync(path, 'utf8').replace(`"held": "${from}"`, `"held": "${to}"`);
    writeFileSync(path, fresh);
    utimesSync(path, mtime, mtime);
    expect([statSync(path).ino, statSync(path).size]).toEqual([ino, size]);
  };
  utimesSync(path, mtime, mtime);
  expect(await records.get('k:{a}')).toBe('1');
  swap('1', '2');
  clock.advance(99);
  expect(await records.get('k:{a}')).toBe('2');
  swap('2', '3');
  clock.advance(1);
  expect(await records.get('k:{a}')).toBe('3');
  swap('3', '4');
  expect(await records.get('k:{a}')).toBe('3');
  await records.set('k:{b}', '1');
  expect(await records.get('k:{b}')).toBe('1');
});

test.each([
  ['no JSON', '{"format":'],
  ['an empty file', ''],
  ['other JSON', '{}'],
  ['another format', '{"format":"bffkit-records-2","published":0,"records":{}}'],
  ['a record that is none', '{"format":"bffkit-records-1","published":0,"records":{"k:{a}":7}}'],
])('%s is refused at boot, and left as it is', (_what, text) => {
  writeFileSync(path, text);
  expect(() => fileRecords(path)).toThrow(
    new RangeError(
      `fileRecords: ${path} is not a file of records (bffkit-records-1); mend or move it, it is left as it is`,
    ),
  );
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a file that becomes wrong answers 503 without telling what is in it, and is not overwritten', async () => {
  const records = fileRecords(path);
  await records.set('k:{a}', '1');
  writeFileSync(path, 'secret rubbish');
  await expect(records.get('k:{a}')).rejects.toEqual(
    failure('dependency-unavailable', /is not a file of records/),
  );
  await expect(records.set('k:{b}', '1')).rejects.toEqual(
    failure('dependency-unavailable', /is not a file of records/),
  );
  const error = await records.get('k:{a}').catch((thrown: GatewayError) => thrown);
  expect(JSON.stringify(error) + String((error as GatewayError).cause)).not.toContain('secret rubbish');
  expect(readFileSync(path, 'utf8')).toBe('secret rubbish');
});

test('a file that was there and is gone is a failure, not an empty one', async () => {
  const records = fileRecords(path);
  await records.set('k:{a}', '1');
  renameSync(path, `${path}.away`);
  await expect(records.get('k:{a}')).rejects.toEqual(failure('dependency-unavailable', /ENOENT/));
  await expect(records.set('k:{b}', '1')).rejects.toEqual(failure('dependency-unavailable', /ENOENT/));
  renameSync(`${path}.away`, path);
  expect(await records.get('k:{a}')).toBe('1');
});

test('a file that another process created is no longer missing', async () => {
  const records = fileRecords(path);
  await fileRecords(path).set('k:{a}', '1');
  expect(await records.get('k:{a}')).toBe('1');
  rmSync(path);
  await expect(records.get('k:{a}')).rejects.toEqual(failure('dependency-unavailable', /ENOENT/));
});

test('a folder that is not there, and a path that is a folder, are refused at boot', () => {
  expect(() => fileRecords(join(folder, 'none', 'records.json'))).toThrow(RangeError);
  expect(() => fileRecords(folder)).toThrow(
    `path must be a file that can be read and replaced, got '${folder}'`,
  );
  expect(() => fileRecords(path, { clok: 1 } as object)).toThrow("did you mean 'clock'?");
});

test('records that would not fit are refused, and the others stay', async () => {
  const records = fileRecords(path);
  await records.set('k:{a}', '1');
  const large = 'x'.repeat(1_048_576);
  const writes = Array.from({ length: 16 }, (_, index) => records.set(`k:{large${index}}`, large));
  for (const write of writes) {
    await expect(write).rejects.toEqual(
      failure('dependency-unavailable', /must have at most 16777216 bytes/),
    );
  }
  expect(await records.get('k:{a}')).toBe('1');
  expect(readdirSync(folder)).toEqual(['records.json']);
});

test('a file that grew too large elsewhere is not read', async () => {
  const records = fileRecords(path);
  writeFileSync(path, 'x'.repeat(16_777_217));
  await expect(records.get('k:{a}')).rejects.toEqual(failure('dependency-unavailable', /must have at most/));
  expect(() => fileRecords(path)).toThrow(RangeError);
});

test('a lock that a dead process left is broken after three seconds', async () => {
  const clock = impatientClock();
  writeFileSync(`${path}.lock`, 'dead');
  const records = fileRecords(path, { clock });
  expect(await records.set('k:{a}', '1')).toBe(true);
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(3_000);
  expect(clock.monotonicMs()).toBeLessThan(5_000);
  expect(readdirSync(folder)).toEqual(['records.json']);
});

test('a lock that is alive is waited for, five seconds at most', async () => {
  let turn = 0;
  const next = (): void => {
    turn += 1;
    writeFileSync(`${path}.lock`, `alive ${turn}`);
  };
  next();
  const clock = impatientClock(next);
  const records = fileRecords(path, { clock });
  await expect(records.set('k:{a}', '1')).rejects.toEqual(
    failure('dependency-unavailable', /held by another process/),
  );
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5_000);
  rmSync(`${path}.lock`);
  expect(await records.set('k:{a}', '1')).toBe(true);
});

test('messages are heard here at once, and elsewhere as a gap within 200 ms', async () => {
  const clock = manualClock();
  const [one, other] = [fileRecords(path, { clock }), fileRecords(path, { clock })];
  const [heard, gap] = [vi.fn(), vi.fn()];
  one.subscribe(
    'news',
    (message) => heard(`one ${message}`),
    () => gap('one'),
  );
  other.subscribe(
    'news',
    (message) => heard(`other ${message}`),
    () => gap('other'),
  );
  await one.publish('news', 'hello');
  expect(heard.mock.calls).toEqual([['one hello']]);
  clock.advance(200);
  await vi.waitFor(() => expect(gap.mock.calls).toEqual([['other']]));
  await vi.waitFor(() => expect(clock.pending()).toBe(2)); // both look again
  clock.advance(200);
  await vi.waitFor(() => expect(clock.pending()).toBe(2));
  expect(gap).toHaveBeenCalledTimes(1);
  await one.close();
  await other.close();
  expect(clock.pending()).toBe(0);
});

test('a change without a message is no gap', async () => {
  const clock = manualClock();
  const [one, other] = [fileRecords(path, { clock }), fileRecords(path, { clock })];
  const gap = vi.fn();
  other.subscribe('news', gap, gap);
  await one.set('k:{a}', '1');
  clock.advance(200);
  await vi.waitFor(() => expect(clock.pending()).toBe(1));
  expect(gap).not.toHaveBeenCalled();
  await other.close();
});

test('who publishes after others did hears of the gap', async () => {
  const clock = manualClock();
  const [one, other] = [fileRecords(path, { clock }), fileRecords(path, { clock })];
  const heard: string[] = [];
  one.subscribe(
    'news',
    (message) => heard.push(message),
    () => heard.push('gap'),
  );
  await other.publish('news', 'theirs');
  await one.publish('news', 'mine');
  expect(heard).toEqual(['gap', 'mine']);
  await one.close();
});

test('a message that could not be written is not delivered, and a gap is told for it', async () => {
  const clock = manualClock();
  const records = fileRecords(path, { clock });
  const heard: string[] = [];
  records.subscribe(
    'news',
    (message) => heard.push(message),
    () => heard.push('gap'),
  );
  await records.publish('news', 'first');
  renameSync(path, `${path}.away`);
  await expect(records.publish('news', 'lost')).rejects.toMatchObject({ code: 'dependency-unavailable' });
  clock.advance(200); // a look at a file that is gone tells nothing
  await vi.waitFor(() => expect(clock.pending()).toBe(1));
  renameSync(`${path}.away`, path);
  clock.advance(200);
  await vi.waitFor(() => expect(heard).toEqual(['first', 'gap']));
  await records.close();
});

test('the file is looked at only while somebody listens', async () => {
  const clock = manualClock();
  const records = fileRecords(path, { clock });
  expect(clock.pending()).toBe(0);
  const stop = records.subscribe(
    'news',
    () => {},
    () => {},
  );
  stop();
  clock.advance(200);
  await vi.waitFor(() => expect(clock.pending()).toBe(0));
  await records.close();
});

test('a store is closed when what it writes is written', async () => {
  const records = fileRecords(path);
  const written = records.set('k:{a}', '1');
  await records.close();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('records');
  expect(await written).toBe(true);
});
