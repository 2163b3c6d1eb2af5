import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomIds } from '../context/ids.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { keyRing } from '../records/seal.ts';
import { manualClock } from '../testing/manual-clock.ts';
import type { KeptAnswer } from './entry.ts';
import { type Claim, type Ledger, openLedger } from './ledger.ts';

const lockMs = 10_000;
const keepMs = 100_000;
const sealing = keyRing('test', [Buffer.alloc(32, 1).toString('base64')])('idempotency');
const answerOf = (body: string): KeptAnswer => ({
  status: 201,
  headers: { 'content-type': 'application/json' },
  body,
});

function open(seal: typeof sealing | undefined = undefined) {
  const clock = manualClock();
  const records = memoryRecords({ clock, maxRecords: 100 });
  return { clock, records, ledger: openLedger({ records, seal, keepMs, ids: randomIds() }) };
}

async function claimed(ledger: Ledger, key = 'k', fingerprint = 'f'): Promise<Claim> {
  const found = await ledger.claim(key, fingerprint, lockMs);
  if (found.state !== 'mine') throw new Error(`the key is ${found.state}`);
  return found;
}

test('who comes first has the key, who comes next hears of it, and then of the answer', async () => {
  const { ledger } = open();
  expect(await ledger.look('k')).toBeUndefined();
  const mine = await claimed(ledger);
  const running = { state: 'running', fingerprint: 'f' };
  expect(await ledger.look('k')).toEqual(running);
  expect(await ledger.claim('k', 'other', lockMs)).toEqual(running);
  expect(await ledger.look('k2')).toBeUndefined();
  const answer = answerOf('{"id":"o1"}\nwith a second line');
  expect(await mine.keep(answer)).toBe(true);
  const done = { state: 'done', fingerprint: 'f', answer };
  expect([await ledger.look('k'), await ledger.claim('k', 'f', lockMs)]).toEqual([done, done]);
});

test('an answer is there until its time is over, and then the key is new', async () => {
  const { clock, ledger } = open();
  await (await claimed(ledger)).keep(answerOf('1'));
  clock.advance(keepMs - 1);
  expect(await ledger.look('k')).toMatchObject({ state: 'done' });
  clock.advance(1);
  expect(await ledger.look('k')).toBeUndefined();
  await claimed(ledger);
});

test('a key that was given back is free at once', async () => {
  const { ledger } = open();
  await (await claimed(ledger)).release();
  await claimed(ledger);
});

test('whose claim has ended keeps nothing, and gives nothing back that is another’s', async () => {
  const { clock, ledger } = open();
  const slow = await claimed(ledger);
  clock.advance(lockMs);
  const fast = await claimed(ledger);
  expect(await slow.keep(answerOf('slow'))).toBe(false);
  await slow.release();
  expect(await ledger.look('k')).toEqual({ state: 'running', fingerprint: 'f' });
  expect(await fast.keep(answerOf('fast'))).toBe(true);
  expect(await slow.keep(answerOf('slow'))).toBe(false);
  expect(await ledger.look('k')).toMatchObject({ answer: answerOf('fast') });
});

test('a claim that ended with nobody after it keeps nothing either', async () => {
  const { clock, ledger } = open();
  const slow = await claimed(ledger);
  clock.advance(lockMs);
  expect(await slow.keep(answerOf('slow'))).toBe(false);
  expect(await ledger.look('k')).toBeUndefined();
});

test('a sealed record says nothing, and opens under its own key only', async () => {
  const { ledger, records } = open(sealing);
  await (await claimed(ledger)).keep(answerOf('{"line1":"1 Main St"}'));
  const text = (await records.get('write:{k}')) ?? '';
  expect(text).not.toMatch(/done|201|Main/);
  expect(await ledger.look('k')).toMatchObject({ answer: answerOf('{"line1":"1 Main St"}') });
  await records.set('write:{other}', text);
  await expect(ledger.look('other')).rejects.toThrow(expect.objectContaining({ status: 503 }));
});

test.each(['', 'nonsense', 'done f', 'done f {"status":', 'running'])(
  'a record that is %j is not taken for a new key',
  async (text) => {
    const { ledger, records } = open();
    await records.set('write:{k}', text);
    await expect(ledger.look('k')).rejects.toThrow(
      expect.objectContaining({ code: 'dependency-unavailable' }),
    );
    await expect(ledger.claim('k', 'f', lockMs)).rejects.toThrow(expect.objectContaining({ status: 503 }));
  },
);

/** What a client, or time, does next. */
type Step =
  | { readonly kind: 'claim' | 'keep' | 'release' | 'die'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom(
        'claim' as const,
        'claim' as const,
        'keep' as const,
        'release' as const,
        'die' as const,
      ),
      who: fc.nat({ max: 4 }),
    }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 4_000, lockMs, keepMs) }),
  ),
  { maxLength: 40 },
);

test('whatever five clients do in whatever order, one has the key, and one answer is told until it ends', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const { clock, ledger } = open();
      const claims = new Map<number, Claim>();
      /** The model: who has the key until when, or the answer until when. */
      let holder: { readonly who: number; readonly untilMs: number } | undefined;
      let answer: { readonly body: string; readonly untilMs: number } | undefined;
      let nowMs = 0;
      let turn = 0;
      for (const step of script) {
        if (holder !== undefined && nowMs >= holder.untilMs) holder = undefined;
        if (answer !== undefined && nowMs >= answer.untilMs) answer = undefined;
        turn += 1;
        await run(step);
      }

      async function run(step: Step): Promise<void> {
        if (step.kind === 'wait') {
          clock.advance(step.ms);
          nowMs += step.ms;
          return;
        }
        const { who } = step;
        if (step.kind === 'claim') {
          const found = await ledger.claim('k', 'f', lockMs);
          const expected = answer !== undefined ? 'done' : holder !== undefined ? 'running' : 'mine';
          expect(found.state).toBe(expected);
          if (found.state === 'done') expect(found.answer.body).toBe(answer?.body);
          if (found.state !== 'mine') return;
          holder = { who, untilMs: nowMs + lockMs };
          claims.set(who, found);
          return;
        }
        const claim = claims.get(who);
        if (claim === undefined) return;
        claims.delete(who);
        const isHolder = holder?.who === who;
        if (step.kind === 'keep') {
          expect(await claim.keep(answerOf(`${turn}`))).toBe(isHolder);
          if (isHolder) answer = { body: `${turn}`, untilMs: nowMs + keepMs };
        }
        if (step.kind === 'release') await claim.release();
        if (step.kind !== 'die' && isHolder) holder = undefined;
      }
    }),
    { numRuns: 500 },
  );
});
