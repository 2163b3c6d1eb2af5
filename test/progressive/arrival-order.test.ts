/**
 * However the parts of a screen arrive, whatever fails: the lines of a progressive answer give the body of
 * a plain one, to the byte, and say in the end what its headers say.
 */
import { anyone, endpoint, GatewayError, get, upstream } from 'bffkit';
import { asCaller, type FakeAnswer, type FakeUpstream, type TestBff, testBff } from 'bffkit/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
// @boundaries-ignore the client is published for browsers, and not to be installed here by its name
import {
  acceptProgressive,
  ProgressiveFailure,
  readProgressive,
} from '../../core/src/client/read-progressive.ts';

const Named = z.object({ id: z.string(), name: z.string() });
const service = (name: string) =>
  upstream(name, {
    operations: {
      get: get('/one', { response: Named }),
      list: get('/list', {
        query: z.object({ of: z.string() }),
        response: z.object({ ids: z.array(z.string()) }),
      }),
      many: get('/many', { query: z.object({ ids: z.array(z.string()) }), response: z.array(Named) }),
    },
  });
const [users, orders, catalog, inbox, offers] = ['users', 'orders', 'catalog', 'inbox', 'offers'].map(
  service,
) as [
  ReturnType<typeof service>,
  ReturnType<typeof service>,
  ReturnType<typeof service>,
  ReturnType<typeof service>,
  ReturnType<typeof service>,
];

const Screen = z.object({
  greeting: z.string(),
  unread: z.string().nullable(),
  orders: z.array(z.object({ id: z.string(), title: z.string().optional() })),
  offer: Named.optional(),
  counted: z.number(),
  footer: z.string(),
});

/** Required, with and without a fallback, dependent, batched, conditional, derived: one of each. */
const screen = endpoint('GET', '/screen', {
  summary: 'A screen.',
  access: anyone(),
  deadlineMs: 2_000,
  cost: 0,
  progressive: true,
})
  .plan(({ call, optional, each, when, derive }) => {
    const user = call(users.get, () => ({}));
    const recent = optional(orders.list, { user }, ({ user }) => ({ query: { of: user.id } }), {
      fallback: () => ({ ids: [] }),
    });
    const mail = optional(inbox.get, () => ({}));
    const offer = when(
      { mail },
      ({ mail }) => mail.ok,
      optional(offers.get, () => ({}), { timeoutMs: 500 }),
    );
    const ids = derive({ recent }, ({ recent }) => recent.ids);
    const products = each(ids, catalog.many, {
      by: 'id',
      max: 4,
      chunk: 2,
      optional: true,
      request: (ids) => ({ query: { ids } }),
    });
    const counted = derive(
      { products, recent },
      ({ products, recent }) => products.size * 10 + recent.ids.length,
    );
    return { user, recent, mail, offer, products, counted };
  })
  .respond(Screen, ({ user, recent, mail, offer, products, counted }) => ({
    greeting: `Hello, ${user.name}`,
    unread: mail.ok ? mail.value.name : null,
    orders: recent.ids.map((id) => {
      const title = products.get(id)?.name;
      return title === undefined ? { id } : { id, title };
    }),
    ...(offer?.ok === true ? { offer: offer.value } : {}),
    counted,
    footer: 'made for you',
  }));

const one = { id: '1', name: 'Ada' };
const good: Readonly<Record<string, FakeUpstream>> = {
  users: () => ({ body: one }),
  orders: () => ({ body: { ids: ['a', 'b', 'c'] } }),
  inbox: () => ({ body: one }),
  offers: () => ({ body: one }),
  catalog: ({ target }) => ({
    body: [...new URL(target, 'http://x').searchParams.getAll('ids').join(',').split(',')].map((id) => ({
      id,
      name: `Title ${id}`,
    })),
  }),
};
const down = (): FakeAnswer => ({ status: 503 });

const lines = { ...asCaller('usr_1'), accept: acceptProgressive };
const names = Object.keys(good);

interface Held {
  readonly bff: TestBff;
  /** Lets one waiting answer of a service go; false when none waits. */
  letGo(name: string): boolean;
}

/** A BFF whose services answer when they are told to. */
function held(fakes: Readonly<Record<string, FakeUpstream>>): Held {
  const waiting = new Map<string, (() => void)[]>();
  const holding = Object.entries(fakes).map(([name, answer]): [string, FakeUpstream] => [
    name,
    (request) =>
      new Promise((resolve) => {
        const mine = waiting.get(name) ?? [];
        waiting.set(name, mine);
        mine.push(() => resolve(answer(request)));
      }),
  ]);
  return {
    bff: testBff([screen], Object.fromEntries(holding)),
    letGo(name) {
      const go = waiting.get(name)?.shift();
      go?.();
      return go !== undefined;
    },
  };
}

/** Time for everything that does not wait for a service. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function plain(fakes: Readonly<Record<string, FakeUpstream>>) {
  const response = await testBff([screen], fakes).app.request('/screen', { headers: asCaller('usr_1') });
  return { text: await response.text(), headers: Object.fromEntries(response.headers) };
}

describe('the lines together', () => {
  test('are the plain body, in any order of arrival, whatever fails', async () => {
    const failing = fc.subarray(names.filter((name) => name !== 'users'));
    const order = fc.array(fc.constantFrom(...names), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(failing, order, async (broken, arrivals) => {
        const fakes = { ...good, ...Object.fromEntries(broken.map((name) => [name, down])) };
        const whole = await plain(fakes);
        const { bff, letGo } = held(fakes);
        const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
        const states: string[] = [];
        const read = asked.then((response) =>
          readProgressive(
            response,
            (value, pending) => void states.push(`${JSON.stringify(value)} ${pending}`),
          ),
        );
        for (const name of arrivals) {
          letGo(name);
          await settled();
        }
        for (let went = true; went; ) {
          await settled();
          went = names.map(letGo).includes(true);
        }
        const { value, headers } = await read;
        expect(JSON.stringify(value)).toBe(whole.text);
        expect(headers['bff-degraded']).toBe(whole.headers['bff-degraded']);
        expect(headers['proxy-status']).toBe(whole.headers['proxy-status']);
        expect(states.at(-1)).toBe(`${whole.text} `);
        expect(new Set(states).size).toBe(states.length); // every line says something
        expect(bff.liveRequests()).toBe(0);
        expect(bff.clock.pending()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test('begin when the required part is there, and go on with each part that arrives', async () => {
    const { bff, letGo } = held(good);
    const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
    const states: [unknown, readonly string[]][] = [];
    let answered = false;
    const read = asked.then((response) => {
      answered = true;
      return readProgressive<z.infer<typeof Screen>>(
        response,
        (value, pending) => void states.push([value, pending]),
      );
    });
    await settled();
    letGo('inbox');
    await settled();
    expect(answered).toBe(false);
    letGo('users');
    await settled();
    const first = { greeting: 'Hello, Ada', unread: 'Ada', orders: [], counted: 0, footer: 'made for you' };
    expect(states).toEqual([[first, ['recent', 'offer', 'products']]]);
    letGo('orders');
    await settled();
    expect(states[1]).toEqual([
      { ...first, orders: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], counted: 3 },
      ['offer', 'products'],
    ]);
    letGo('offers');
    await settled();
    expect(states[2]?.[1]).toEqual(['products']);
    for (let chunk = 0; chunk < 2; chunk += 1) letGo('catalog');
    const { value } = await read;
    expect(value.offer).toEqual(one);
    expect(value.counted).toBe(33);
    expect(states).toHaveLength(4);
  });
});

describe('one body, as always,', () => {
  test.each([
    ['without Accept', asCaller('usr_1')],
    ['for any type', { ...asCaller('usr_1'), accept: '*/*' }],
    [
      'where JSON is liked better',
      { ...asCaller('usr_1'), accept: 'application/json, application/x-ndjson;q=0.5' },
    ],
    ['where lines are refused', { ...asCaller('usr_1'), accept: 'application/x-ndjson;q=0' }],
  ])('%s', async (_how, headers) => {
    const response = await testBff([screen], good).app.request('/screen', { headers });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('vary')).toContain('Accept');
    expect(response.headers.get('etag')).toMatch(/^"/);
    const { value } = await readProgressive(response);
    expect(value).toMatchObject({ greeting: 'Hello, Ada', counted: 33 });
  });

  test('for HEAD, and for an endpoint that has no optional part', async () => {
    const head = await testBff([screen], good).app.request('/screen', { method: 'HEAD', headers: lines });
    expect(head.headers.get('content-type')).toBe('application/json');
    const whole = endpoint('GET', '/whole', {
      summary: 'x',
      access: anyone(),
      deadlineMs: 100,
      progressive: true,
    })
      .plan(({ call }) => ({ user: call(users.get, () => ({})) }))
      .respond(Named, ({ user }) => user);
    const response = await testBff([whole], good).app.request('/whole', { headers: lines });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('vary')).toBeNull();
  });
});

describe('what goes wrong', () => {
  test('before the first line is a problem like any other', async () => {
    const { bff, letGo } = held({ ...good, users: down });
    const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
    await settled();
    letGo('users');
    const response = await asked;
    expect(response.status).toBe(502);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    await expect(readProgressive(response)).rejects.toMatchObject({ problem: { code: 'upstream-error' } });
    expect(bff.clock.pending()).toBe(0);
  });

  test('by the deadline is missing: the last line comes in time, and says so', async () => {
    const { bff, letGo } = held(good);
    const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
    await settled();
    letGo('users');
    const read = asked.then((response) => readProgressive(response));
    await settled();
    bff.clock.advance(2_000);
    const { value, headers } = await read;
    expect(value).toMatchObject({ greeting: 'Hello, Ada', unread: null, orders: [] });
    expect(headers['bff-degraded']).toBe('mail, recent');
    expect(bff.fakes.open()).toBe(0);
    expect(bff.clock.pending()).toBe(0);
    expect(bff.liveRequests()).toBe(0);
  });

  test('after the first line is the last line', async () => {
    const cautious = endpoint('GET', '/screen', {
      summary: 'x',
      access: anyone(),
      deadlineMs: 1_000,
      progressive: true,
    })
      .plan(({ optional }) => ({ mail: optional(inbox.get, () => ({})) }))
      .respond(z.object({ ok: z.boolean() }), ({ mail }) => {
        if (mail.ok) throw new GatewayError('conflict', { cause: new Error('kept inside') });
        return mail;
      });
    const bff = testBff([cautious], good);
    const facts: unknown[] = [];
    bff.events.on('request', ({ status, code }) => void facts.push([status, code]));
    const response = await bff.app.request('/screen', { headers: lines });
    const states: unknown[] = [];
    const failure = await readProgressive(response, (value) => void states.push(value)).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toBeInstanceOf(ProgressiveFailure);
    expect(failure).toMatchObject({ problem: { code: 'conflict', status: 409 } });
    expect(JSON.stringify(failure)).not.toContain('kept inside');
    expect(states).toEqual([{ ok: false }]);
    expect(facts).toEqual([[200, 'conflict']]);
    expect(bff.clock.pending()).toBe(0);
    expect(bff.liveRequests()).toBe(0);
  });

  test('in the making of an early line delays it, and nothing else', async () => {
    const fussy = endpoint('GET', '/screen', {
      summary: 'x',
      access: anyone(),
      deadlineMs: 1_000,
      progressive: true,
    })
      .plan(({ call, optional }) => ({
        user: call(users.get, () => ({})),
        mail: optional(inbox.get, () => ({})),
      }))
      .respond(Named, ({ user, mail }) => {
        if (!mail.ok) throw new GatewayError('not-found');
        return { ...user, name: mail.value.name };
      });
    const whole = await testBff([fussy], good).app.request('/screen', { headers: lines });
    expect(await whole.text()).toBe('{"value":{"id":"1","name":"Ada"},"done":true,"headers":{}}\n');
    const without = await testBff([fussy], { ...good, inbox: down }).app.request('/screen', {
      headers: lines,
    });
    expect(without.status).toBe(404);
  });
});

describe('a reader that leaves', () => {
  test('cancels what is under way, and leaves nothing behind', async () => {
    const { bff, letGo } = held(good);
    const facts: unknown[] = [];
    bff.events.on('request', ({ code }) => void facts.push(code));
    const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
    await settled();
    letGo('users');
    const reader = (await asked).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await settled();
    expect(facts).toEqual(['client-gone']);
    expect(bff.fakes.open()).toBe(0);
    expect(bff.clock.pending()).toBe(0);
    expect(bff.liveRequests()).toBe(0);
  });

  test('never reads: the request ends all the same', async () => {
    const response = await testBff([screen], good).app.request('/screen', { headers: lines });
    expect(response.status).toBe(200);
    const { bff, letGo } = held(good);
    const asked = Promise.resolve(bff.app.request('/screen', { headers: lines }));
    await settled();
    letGo('users');
    await asked;
    for (let went = true; went; ) {
      await settled();
      went = names.map(letGo).includes(true);
    }
    expect(bff.liveRequests()).toBe(0);
    expect(bff.clock.pending()).toBe(0);
  });
});

describe('a declaration is refused', () => {
  const options = { summary: 'x', access: anyone(), deadlineMs: 100, progressive: true } as const;

  test('where nothing can be progressive', () => {
    const opaque = endpoint('GET', '/x', options).handle(Named, () => Promise.resolve(one));
    expect(() => testBff([opaque], good)).toThrow('progressive is for GET endpoints with a plan');
    const write = endpoint('POST', '/x', options)
      .plan(({ optional }) => ({ mail: optional(inbox.get, () => ({})) }))
      .respond(Named, () => one);
    expect(() => testBff([write], good)).toThrow('progressive is for GET endpoints with a plan');
  });

  test('where a header would come too late', () => {
    const late = upstream('inbox', {
      operations: { get: get('/one', { response: Named, forwardResponseHeaders: ['x-late'] }) },
    });
    const screen = endpoint('GET', '/x', options)
      .plan(({ optional }) => ({ mail: optional(late.get, () => ({})) }))
      .respond(Named, () => one);
    expect(() => testBff([screen], good)).toThrow(
      "GET /x: progressive: the optional node 'mail' forwards the header 'x-late', which would be too late",
    );
  });
});
