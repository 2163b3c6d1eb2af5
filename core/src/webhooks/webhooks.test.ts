import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import {
  type Heard,
  type WebhookListener as Listener,
  webhookListener as listener,
  type WebhookRig as Rig,
  type WebhookRigOptions as RigOptions,
  webhookRig as rig,
  answering as status,
} from '../testing/webhook-rig.ts';
import { signatureHeaders } from './signature.ts';
import { webhooks } from './webhooks.ts';

const path = '/v1/webhook-endpoints';
const day = 86_400_000;
const [second, minute, hour] = [1_000, 60_000, 3_600_000];

let partner: Listener;
const rigs: Rig[] = [];
beforeEach(async () => {
  partner = await listener();
});
afterEach(async () => {
  for (const { bff } of rigs.splice(0)) await bff.close();
  partner.close();
});

function open(options: RigOptions = {}): Rig {
  const made = rig(options);
  rigs.push(made);
  return made;
}

/** Waits for what comes over sockets, while the clock stands still. */
function eventually(isTrue: () => unknown): Promise<void> {
  return vi.waitFor(
    async () => {
      if (!(await isTrue())) throw new Error('not yet');
    },
    { timeout: 5_000, interval: 2 },
  );
}

const heard = (count: number) => eventually(() => partner.heard.length === count);

/** Whether what was heard is signed with this secret; and with how many. */
function isSigned({ headers, body }: Heard, secret: string): boolean {
  const message = {
    id: String(headers['webhook-id']),
    atMs: Number(headers['webhook-timestamp']) * 1_000,
    body,
  };
  const mine = signatureHeaders([secret], message)['webhook-signature'];
  return String(headers['webhook-signature']).split(' ').includes(mine);
}

describe('a webhook endpoint', () => {
  test('is made, read, changed and removed, and shows its secret once', async () => {
    const { ask, subscribe, audits } = open();
    const { secret, ...made } = await subscribe(partner.url, { description: 'Ours' });
    expect(secret).toMatch(/^whsec_/);
    expect(made).toMatchObject({
      id: expect.stringMatching(/^we_[0-9a-f]{24}$/),
      url: partner.url,
      events: ['order.updated'],
      description: 'Ours',
      apiVersion: null,
      isEnabled: true,
      disabledReason: null,
    });
    expect((await ask('GET')).body).toEqual({ items: [made], next: null });
    expect((await ask('GET', `${path}/${made.id}`)).body).toEqual(made);
    const changed = await ask('PATCH', `${path}/${made.id}`, { description: null, isEnabled: false });
    expect(changed.body).toMatchObject({ description: null, isEnabled: false, disabledReason: 'partner' });
    expect((await ask('DELETE', `${path}/${made.id}`)).body).toEqual({ id: made.id, isDeleted: true });
    expect((await ask('GET')).body).toEqual({ items: [], next: null });
    for (const method of ['GET', 'DELETE'])
      expect((await ask(method, `${path}/${made.id}`)).status).toBe(404);
    expect(audits.map(({ actor, action }) => `${actor} ${action}`)).toEqual(
      ['create', 'edit', 'delete'].map((what) => `partner:acme webhook.${what}`),
    );
    expect(JSON.stringify(audits)).not.toContain(partner.url);
  });

  test('is made once for one Idempotency-Key, and the repetition has the same secret', async () => {
    const { ask } = open();
    const body = { url: partner.url, events: ['order.updated'] };
    const [one, again] = [
      await ask('POST', path, body, { key: 'the-same-key-twice' }),
      await ask('POST', path, body, { key: 'the-same-key-twice' }),
    ];
    expect(again.body).toEqual(one.body);
    expect((await ask('GET')).body.items).toHaveLength(1);
  });

  test('belongs to its partner', async () => {
    const { ask, subscribe } = open();
    const { id } = await subscribe(partner.url);
    const other = { subject: 'other' };
    expect((await ask('GET', path, undefined, other)).body.items).toEqual([]);
    for (const [method, target] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/ping'],
      ['POST', '/rotate-secret'],
      ['GET', '/deliveries'],
    ] as const)
      expect((await ask(method, `${path}/${id}${target}`, undefined, other)).status).toBe(404);
    expect((await ask('GET', path, undefined, { kind: 'user' })).status).toBe(403);
    expect((await ask('GET', path, undefined, { scopes: ['webhooks:write'] })).status).toBe(403);
    expect((await ask('POST', `${path}/${id}/ping`, undefined, { scopes: ['webhooks:read'] })).status).toBe(
      403,
    );
  });

  test('is one of ten at most, also when eleven are made at once', async () => {
    const { ask } = open();
    const body = { url: partner.url, events: ['order.updated'] };
    const answers = await Promise.all(Array.from({ length: 11 }, () => ask('POST', path, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), 409]);
    expect((await ask('GET')).body.items).toHaveLength(10);
  });

  test.each([
    ['a URL without TLS', { url: 'http://hooks.acme.com/' }, '/body/url'],
    ['a private address', { url: 'https://10.0.0.1/' }, '/body/url'],
    ['an event nobody tells of', { events: ['order.lost'] }, '/body/events/0'],
    ['no event', { events: [] }, '/body/events'],
    ['a version that is not there', { apiVersion: '2020-01-01' }, '/body/apiVersion'],
    ['an unknown member', { secret: 'mine' }, '/body/secret'],
  ])('is not made with %s', async (_what, wrong, pointer) => {
    const { ask } = open({ options: { allowPrivateNetworks: false } });
    const body = { url: 'https://hooks.acme.com/', events: ['order.updated'], ...wrong };
    const answer = await ask('POST', path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((issue: { pointer: string }) => issue.pointer)).toEqual([pointer]);
  });
});

describe('an event', () => {
  test('comes signed to those who want it, without what its schema does not name', async () => {
    const { subscribe, tell, facts, latest, bff } = open();
    const { id, secret } = await subscribe(partner.url);
    expect((await tell()).body).toMatchObject({ receivers: 1, isRepeat: false });
    await heard(1);
    const [one] = partner.heard as [Heard];
    expect(isSigned(one, secret)).toBe(true);
    expect(one.headers['content-type']).toBe('application/json');
    expect(JSON.parse(one.body)).toEqual({
      id: one.headers['webhook-id'],
      type: 'order.updated',
      createdAt: '2026-10-31T23:00:00.000Z',
      apiVersion: null,
      data: { id: 'ord_1' },
    });
    await eventually(() => facts.length === 1);
    expect(facts).toEqual([{ event: 'order.updated', outcome: 'delivered', durationMs: 0 }]);
    expect(await latest(id)).toMatchObject({
      id: one.headers['webhook-id'],
      status: 'delivered',
      nextAttemptAt: null,
      attempts: [{ at: '2026-11-01T00:00:00.000Z', durationMs: 0, status: 204, failure: null }],
    });
    expect(await bff.metrics.text()).toContain(
      'bff_webhook_deliveries_total{event="order.updated",outcome="delivered",bff="test"} 1',
    );
  });

  test('that is told twice, or at the same time to two instances, comes once', async () => {
    const records = memoryRecords();
    const [one, other] = [open({ records }), open({ records })];
    await one.subscribe(partner.url);
    const answers = await Promise.all([one, other, one].map(({ tell }) => tell({ id: 'event-1' })));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await heard(1);
    await eventually(() => one.facts.length + other.facts.length === 1);
    expect((await other.tell({ id: 'event-1' })).body).toMatchObject({ receivers: 0, isRepeat: true });
    await tellAndHear(one, 2);
  });

  test('that could not be stored for all is not acknowledged, and comes once to each when it is told again', async () => {
    const clock = manualClock();
    for (let failing = 1; failing <= 24; failing += 1) {
      const { records, failAt } = breaking(memoryRecords({ clock }));
      const { subscribe, tell, facts, bff } = rig({ clock, records });
      for (let place = 0; place < 2; place += 1) await subscribe(partner.url);
      failAt(failing);
      const first = await tell({ id: 'event-1' });
      expect([202, 503]).toContain(first.status);
      failAt(0);
      expect((await tell({ id: 'event-1' })).status).toBe(202);
      await eventually(() => {
        if (partner.heard.length === facts.length) clock.advance(500); // nothing is under way
        return facts.length === 2;
      });
      const ids = new Set(partner.heard.map(({ headers }) => headers['webhook-id']));
      expect([failing, ids.size, partner.heard.length]).toEqual([failing, 1, 2]);
      partner.heard.length = 0;
      await bff.close();
    }
  });

  test.each([
    ['an unknown type', { type: 'order.lost' }, '/type'],
    ['an unknown member', { more: 1 }, ''],
    ['no owner', { owner: '' }, '/owner'],
    ['no moment', { occurredAt: 'yesterday' }, '/occurredAt'],
    ['data that partners were not promised', { data: { id: 7 } }, '/data/id'],
  ])('with %s is refused', async (_what, wrong, pointer) => {
    const { tell } = open();
    const { status, body } = await tell(wrong);
    expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'validation-failed', pointer]);
  });

  test('that is too large is refused', async () => {
    const { tell, subscribe } = open();
    await subscribe(partner.url);
    expect((await tell({ data: { id: '1', note: 'x'.repeat(262_144) } })).status).toBe(413);
    expect((await tell({ data: { id: '1', margin: 'x'.repeat(600_000) } })).status).toBe(413);
    expect((await tell({ data: { id: '1', note: 'x'.repeat(261_000) } })).status).toBe(202);
  });

  test('of somebody else, or while it is off, does not come', async () => {
    const { ask, subscribe, tell } = open();
    const { id } = await subscribe(partner.url);
    expect((await tell({ owner: 'other' })).body.receivers).toBe(0);
    await ask('PATCH', `${path}/${id}`, { isEnabled: false });
    expect((await tell()).body.receivers).toBe(0);
    expect((await ask('POST', `${path}/${id}/ping`)).status).toBe(409);
    await ask('PATCH', `${path}/${id}`, { isEnabled: true });
    expect((await tell()).body.receivers).toBe(1);
    await heard(1);
  });
});

async function tellAndHear({ tell }: Rig, count: number): Promise<void> {
  await tell();
  await heard(count);
}

/** Records whose n-th question from now on fails. */
function breaking(inner: RecordStore): { records: RecordStore; failAt(count: number): void } {
  let left = 0;
  const records = new Proxy(inner, {
    get(target, name: keyof RecordStore) {
      const method = target[name];
      if (typeof method !== 'function' || name === 'subscribe' || name === 'close') return method;
      return async (...args: never[]) => {
        if (left > 0) {
          left -= 1;
          if (left === 0) {
            const { GatewayError } = await import('../problem/gateway-error.ts');
            throw new GatewayError('dependency-unavailable');
          }
        }
        return (method as (...all: never[]) => unknown).apply(target, args);
      };
    },
  });
  return {
    records,
    failAt(count) {
      left = count;
    },
  };
}

describe('a receiver that fails', () => {
  test('hears of it again after 5 s, with the same id and a signature of that moment', async () => {
    const { clock, subscribe, tell, facts, latest } = open();
    const { id, secret } = await subscribe(partner.url);
    partner.answer = status(500);
    await tell();
    await eventually(() => facts.length === 1);
    expect(facts[0]?.outcome).toBe('retried');
    expect(await latest(id)).toMatchObject({ status: 'waiting', nextAttemptAt: '2026-11-01T00:00:05.000Z' });
    partner.answer = status(200);
    clock.advance(4_999);
    expect(partner.heard).toHaveLength(1);
    clock.advance(1);
    await heard(2);
    await eventually(() => facts.length === 2);
    expect((await latest(id)).attempts.map((each: { status: number }) => each.status)).toEqual([500, 200]);
    const [one, two] = partner.heard as [Heard, Heard];
    expect(two.headers['webhook-id']).toBe(one.headers['webhook-id']);
    expect(two.body).toBe(one.body);
    expect(Number(two.headers['webhook-timestamp']) - Number(one.headers['webhook-timestamp'])).toBe(5);
    expect(isSigned(two, secret)).toBe(true);
  });

  test('is tried eight times over 28 hours, and then by hand', async () => {
    const { ask, clock, subscribe, tell, facts, latest } = open();
    const { id } = await subscribe(partner.url);
    partner.answer = status(404);
    await tell();
    const delays = [0, 5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 10 * hour];
    for (const [index, ms] of delays.entries()) {
      clock.advance(ms);
      await eventually(() => facts.length === index + 1);
    }
    expect(facts.map(({ outcome }) => outcome)).toEqual([...Array(7).fill('retried'), 'failed']);
    const over = await latest(id);
    expect(over).toMatchObject({ status: 'failed', nextAttemptAt: null });
    expect(over.attempts).toHaveLength(8);
    partner.answer = status(204);
    const again = await ask('POST', `${path}/${id}/deliveries/${over.id}/redeliver`);
    expect([again.status, again.body.status]).toEqual([202, 'waiting']);
    await heard(9);
    await eventually(() => facts.length === 9);
    expect(await latest(id)).toMatchObject({ id: over.id, status: 'delivered' });
    expect((await ask('POST', `${path}/${id}/deliveries/evt_unknown/redeliver`)).status).toBe(404);
  });

  test('may ask for more time', async () => {
    const { clock, subscribe, tell, facts } = open();
    await subscribe(partner.url);
    partner.answer = status(429, { 'retry-after': '60' });
    await tell();
    await eventually(() => facts.length === 1);
    clock.advance(59 * second);
    await new Promise((resolve) => setImmediate(resolve));
    expect(partner.heard).toHaveLength(1);
    clock.advance(second);
    await heard(2);
  });

  test('with 410 is gone: it is switched off, and what waited is given up', async () => {
    const { ask, clock, subscribe, tell, facts, audits } = open();
    const { id } = await subscribe(partner.url);
    partner.answer = status(500);
    await tell();
    await eventually(() => facts.length === 1);
    partner.answer = status(410);
    await tell();
    await eventually(async () => !(await ask('GET', `${path}/${id}`)).body.isEnabled);
    clock.advance(5 * second);
    await eventually(async () => {
      const { body } = await ask('GET', `${path}/${id}/deliveries`);
      return body.items.every((each: { status: string }) => each.status === 'failed');
    });
    expect((await ask('GET', `${path}/${id}`)).body).toMatchObject({ disabledReason: 'gone' });
    expect(partner.heard).toHaveLength(2);
    expect(facts.map(({ outcome }) => outcome)).toEqual(['retried', 'failed', 'dropped']);
    expect(audits.at(-1)).toMatchObject({ action: 'webhook.switch-off', target: id });
  });

  test('for five days and never else is switched off', async () => {
    const { ask, clock, subscribe, tell, facts } = open();
    const { id } = await subscribe(partner.url);
    partner.answer = status(500);
    const isEnabled = async (): Promise<boolean> => (await ask('GET', `${path}/${id}`)).body.isEnabled;
    for (let count = 1; count <= 5; count += 1) {
      await tellAndHearMore();
      expect(await isEnabled()).toBe(true);
      clock.advance(day);
    }
    await tell();
    await eventually(async () => !(await isEnabled()));
    expect((await ask('GET', `${path}/${id}`)).body.disabledReason).toBe('failing');

    async function tellAndHearMore(): Promise<void> {
      const before = facts.length;
      await tell();
      await eventually(() => facts.length > before);
    }
  });

  test('that answers well once is not failing any more', async () => {
    const { ask, clock, subscribe, tell, facts } = open();
    const { id } = await subscribe(partner.url);
    for (let count = 1; count <= 7; count += 1) {
      partner.answer = status(count === 4 ? 200 : 500);
      const wanted = count === 4 ? 'delivered' : 'retried';
      const said = (): number => facts.filter(({ outcome }) => outcome === wanted).length;
      const before = said();
      await tell();
      await eventually(() => said() > before);
      clock.advance(day);
    }
    expect((await ask('GET', `${path}/${id}`)).body.isEnabled).toBe(true);
  });
});

describe('a secret', () => {
  test('that was replaced signs beside the new one for 24 hours', async () => {
    const { ask, clock, subscribe, tell } = open();
    const { id, secret } = await subscribe(partner.url);
    const { body: rotated } = await ask('POST', `${path}/${id}/rotate-secret`);
    await tell();
    await heard(1);
    clock.advance(day);
    await tell();
    await heard(2);
    const [soon, later] = partner.heard as [Heard, Heard];
    expect([secret, rotated.secret].map((each) => isSigned(soon, each))).toEqual([true, true]);
    expect([secret, rotated.secret].map((each) => isSigned(later, each))).toEqual([false, true]);
  });
});

describe('deliveries', () => {
  test('to a slow receiver hold up nobody else', async () => {
    const { subscribe, tell, facts } = open();
    const slow = await listener();
    const held: (() => void)[] = [];
    slow.answer = (response) => void held.push(() => response.writeHead(204).end());
    await subscribe(slow.url);
    await subscribe(partner.url);
    for (let count = 0; count < 12; count += 1) await tell();
    await heard(12);
    expect(slow.heard).toHaveLength(4); // four at a time
    while (facts.length < 24) {
      for (const release of held.splice(0)) release();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(slow.heard).toHaveLength(12);
    slow.close();
  });

  test('that are too many give up the oldest, which is counted', async () => {
    const { ask, clock, subscribe, tell, facts } = open({ options: { maxWaiting: 3 } });
    const { id } = await subscribe(partner.url);
    partner.answer = status(500);
    for (let count = 1; count <= 5; count += 1) {
      await tell();
      await eventually(() => facts.filter(({ outcome }) => outcome === 'retried').length === count);
      clock.advance(1);
    }
    expect(facts.filter(({ outcome }) => outcome === 'dropped')).toHaveLength(2);
    const { body } = await ask('GET', `${path}/${id}/deliveries`);
    expect(body.items.map((each: { status: string }) => each.status)).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'failed',
      'failed',
    ]);
  });

  test('end with the webhook endpoint', async () => {
    const { ask, clock, records, subscribe, tell, facts } = open();
    const { id } = await subscribe(partner.url);
    partner.answer = status(500);
    await tell();
    await eventually(() => facts.length === 1);
    await ask('DELETE', `${path}/${id}`);
    clock.advance(hour);
    await new Promise((resolve) => setImmediate(resolve));
    expect(partner.heard).toHaveLength(1);
    expect(await records.members(`webhook:test-test:{${id}}:due`)).toEqual([]);
  });

  test('are listed page by page, the newest first', async () => {
    const { ask, clock, subscribe, tell, facts } = open();
    const { id } = await subscribe(partner.url);
    for (let count = 1; count <= 5; count += 1) {
      await tell();
      await eventually(() => facts.length === count);
      clock.advance((count + 1) % 2); // some of the same moment
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await ask('GET', `${path}/${id}/deliveries?limit=2${more}`);
      seen.push(...body.items.map((each: { id: string }) => each.id));
      cursor = body.next;
    } while (cursor !== null);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    expect(seen[0]).toBe(partner.heard.at(-1)?.headers['webhook-id']);
  });

  test('a ping comes at once, whatever the endpoint wants to hear of', async () => {
    const { ask, subscribe } = open();
    const { id, secret } = await subscribe(partner.url);
    const { status, body } = await ask('POST', `${path}/${id}/ping`);
    expect([status, body.type]).toEqual([202, 'webhook.ping']);
    await heard(1);
    const [one] = partner.heard as [Heard];
    expect(isSigned(one, secret)).toBe(true);
    expect(JSON.parse(one.body)).toMatchObject({ type: 'webhook.ping', data: { endpointId: id } });
  });

  test('that are under way when the BFF closes are finished, and the rest is left to the next', async () => {
    const clock = manualClock();
    const records = memoryRecords({ clock });
    const first = rig({ clock, records });
    await first.subscribe(partner.url);
    const held: (() => void)[] = [];
    partner.answer = (response) => void held.push(() => response.writeHead(204).end());
    for (let count = 0; count < 6; count += 1) await first.tell();
    await heard(4);
    const closing = first.bff.close();
    for (const release of held) release();
    await closing;
    expect(first.facts).toHaveLength(4);
    partner.answer = status(204);
    const next = open({ clock, records });
    await eventually(() => next.facts.length === 2);
    expect(new Set(partner.heard.map(({ headers }) => headers['webhook-id'])).size).toBe(6);
    expect(partner.heard).toHaveLength(6);
  });

  test('that hang when the BFF closes are cut off after two seconds, and made by the next', async () => {
    const clock = manualClock();
    const records = memoryRecords({ clock });
    const first = rig({ clock, records });
    await first.subscribe(partner.url);
    partner.answer = () => {};
    await first.tell();
    await heard(1);
    const closing = first.bff.close();
    await eventually(() => {
      clock.advance(500);
      return clock.pending() === 0;
    });
    await closing;
    expect(first.facts).toEqual([]);
    partner.answer = status(204);
    const next = open({ clock, records });
    await eventually(() => next.facts.length === 1);
  });
});

describe('what operators see', () => {
  test('is what waits, without URLs', async () => {
    const { bff, subscribe, tell, facts } = open();
    const { id } = await subscribe(partner.url);
    partner.answer = status(500);
    await tell();
    await eventually(() => facts.length === 1);
    expect(bff.remembersAlone).toContain('webhooks');
    const { Hono } = await import('hono');
    const admin = new Hono();
    for (const part of bff.admin) part.mount(admin);
    expect(await (await admin.request('/webhooks')).json()).toEqual({
      receivers: [{ partner: 'acme', id, waiting: 1, nextAttemptAt: '2026-11-01T00:00:05.000Z' }],
    });
  });
});

describe('refuses to boot', () => {
  const like = { summary: 'X.', like: {} as never };
  const good = { records: memoryRecords(), environment: 'test', events: { 'order.updated': like } };
  test.each([
    ['an unknown option', { recrods: 1 }, /unknown option 'recrods'; did you mean 'records'/],
    ['an environment that is no name', { environment: 'Live!' }, /environment must be/],
    ['no events', { events: {} }, /events must have types such as order.updated, got none/],
    ['a type that is none', { events: { order: like } }, /got 'order'/],
    ['a type of its own', { events: { 'webhook.ping': like } }, /got 'webhook.ping'/],
    ['too many waiting', { maxWaiting: 901 }, /maxWaiting must be a number from 1 to 900/],
    [
      'private networks in live',
      { environment: 'live', allowPrivateNetworks: true },
      /allowPrivateNetworks must be false in the environment 'live'/,
    ],
    [
      'shared records without keys',
      { records: { ...memoryRecords(), isLocal: false } },
      /sealKeys is missing/,
    ],
    ['keys that cannot seal', { sealKeys: ['short'] }, /keys\[0\] must be 32 bytes/],
  ])('with %s', (_what, wrong, message) => {
    const boot = (): unknown => {
      const hooks = webhooks({ ...good, ...wrong } as never);
      return hooks.watch({ name: 'x', endpoints: [], versions: [] } as never);
    };
    expect(boot).toThrow(message);
  });

  test('when an event is like an endpoint that is not there, or it belongs to two BFFs', () => {
    const hooks = webhooks(good);
    expect(() => hooks.watch({ name: 'x', endpoints: [], versions: [] } as never)).toThrow(
      /order.updated: like must be an endpoint of the BFF/,
    );
  });
});
