import { describe, expect, test } from 'vitest';
import { countedRecords, keyRig } from '../testing/key-rig.ts';
import { manualClock } from '../testing/manual-clock.ts';

const newest = ['2026-11-01', '2026-06-01', '2026-01-15'];
const later = ['2027-01-01', ...newest];
const order = { partner: 'acme', scopes: ['orders:read'] };

function rig(versions: readonly string[] | undefined, shared = fresh()) {
  const dated = (versions ?? newest).map((version) => ({ version, changes: [] }));
  return keyRig({
    ...shared,
    keys: versions === undefined ? {} : { versions },
    bff: { versions: { dated, docs: '/docs' } },
  });
}

function fresh() {
  const clock = manualClock();
  return { clock, records: countedRecords(clock) };
}

const versionOf = async (answer: Promise<Response>): Promise<string | null> =>
  (await answer).headers.get('api-version');

describe('a partner', () => {
  test('is pinned to the newest version by its first key, and stays there when another comes', async () => {
    const shared = fresh();
    const { keys } = rig(newest, shared);
    const first = await keys.create(order, 'ada');
    expect(first.version).toBe('2026-11-01');
    const upgraded = rig(later, shared);
    expect(await versionOf(upgraded.call(first.key))).toBe('2026-11-01');
    const second = await upgraded.keys.create(order, 'ada');
    expect([second.version, await versionOf(upgraded.call(second.key))]).toEqual([
      '2026-11-01',
      '2026-11-01',
    ]);
    const stranger = await upgraded.keys.create({ ...order, partner: 'bolt' }, 'ada');
    expect(await versionOf(upgraded.call(stranger.key))).toBe('2027-01-01');
  });

  test('may say another version in a request', async () => {
    const { keys, call } = rig(newest);
    const { key } = await keys.create({ ...order, version: '2026-01-15' }, 'ada');
    expect(await versionOf(call(key))).toBe('2026-01-15');
    expect(await versionOf(call(key, { 'api-version': '2026-06-01' }))).toBe('2026-06-01');
  });

  test('keeps its version when a key is replaced', async () => {
    const { keys, call } = rig(newest);
    const { id } = await keys.create({ ...order, version: '2026-06-01' }, 'ada');
    const replaced = await keys.rotate(id, {}, 'ada');
    expect([replaced.version, await versionOf(call(replaced.key))]).toEqual(['2026-06-01', '2026-06-01']);
  });

  test('is pinned anew by operators only, at once, for all its keys, and that is audited', async () => {
    const { keys, call, bff } = rig(newest);
    const audits: unknown[] = [];
    bff.events.on('audit', ({ action, target, details }) => audits.push([action, target, details]));
    const made = [
      await keys.create({ ...order, version: '2026-01-15' }, 'ada'),
      await keys.create(order, 'ada'),
    ];
    for (const { key } of made) await call(key);
    expect(await keys.pin('acme', '2026-11-01', 'ada')).toEqual({
      partner: 'acme',
      version: '2026-11-01',
      before: '2026-01-15',
    });
    for (const { key } of made) expect(await versionOf(call(key))).toBe('2026-11-01');
    expect(audits.at(-1)).toEqual(['partner.pin', 'acme', { version: '2026-11-01', before: '2026-01-15' }]);
    expect((await keys.show(made[1]?.id ?? '')).version).toBe('2026-11-01');
  });

  test('that was pinned to a version which is no longer declared is told that it ended', async () => {
    const shared = fresh();
    const { key } = await rig(later, shared).keys.create(order, 'ada');
    const answer = await rig(newest, shared).call(key);
    expect([answer.status, answer.headers.get('api-version')]).toEqual([410, null]);
    expect(await answer.json()).toMatchObject({
      code: 'version-sunset',
      detail: expect.stringContaining('2027-01-01'),
    });
  });

  test('is not pinned where keys know no versions', async () => {
    const { keys, call, records } = rig(undefined);
    const { key, version } = await keys.create(order, 'ada');
    expect([version, await versionOf(call(key))]).toEqual([undefined, '2026-11-01']);
    expect(records.commands.filter((command) => command.includes('version-of'))).toEqual([]);
  });
});

test('what is no version, or another than that of the partner, is refused', async () => {
  const { keys } = rig(newest);
  await keys.create(order, 'ada');
  await expect(keys.create({ ...order, version: '2099-01-01' }, 'ada')).rejects.toMatchObject({
    code: 'validation-failed',
  });
  await expect(keys.create({ ...order, version: '2026-01-15' }, 'ada')).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(keys.pin('acme', '2099-01-01', 'ada')).rejects.toMatchObject({ code: 'validation-failed' });
  await expect(keys.pin('nobody', '2026-06-01', 'ada')).rejects.toMatchObject({ code: 'not-found' });
});
