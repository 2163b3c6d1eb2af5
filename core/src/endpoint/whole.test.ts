/** Answers of services that are passed whole, seen from outside. */
import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { anyone, signedIn } from '../identity/access.ts';
import { tokenBucket } from '../limit/declare.ts';
import { openApiOf } from '../openapi/index.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { html } from '../ssr/html.ts';
import { asCaller } from '../testing/callers.ts';
import type { FakeUpstream } from '../testing/fake-upstreams.ts';
import { testBff } from '../testing/test-bff.ts';
import { resolveBinding } from '../upstream/binding.ts';
import { get, post, upstream } from '../upstream/operation.ts';
import { whole, wholeOf } from '../upstream/whole.ts';
import { nextCursor } from './cursor.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { pageQuery } from './page.ts';

const Part = z.object({ id: z.string(), size: z.number().optional() });
const shop = upstream('shop', {
  operations: {
    get: get('/part', { response: Part, passes: [404], forwardResponseHeaders: ['x-version'] }),
    other: get('/other', { response: Part }),
    any: get('/any', { response: z.unknown() }),
    make: post('/part', { response: Part }),
    changed: get('/changed', { response: Part.extend({ at: z.string().default('') }) }),
  },
});
const options = { summary: 'Part.', access: anyone(), deadlineMs: 500 } as const;

const bare = endpoint('GET', '/bare', options)
  .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
  .respond(whole(Part), ({ part }) => part);
const among = endpoint('GET', '/among', options)
  .plan(({ call }) => ({
    part: call(shop.get.whole(), () => ({})),
    read: call(shop.other.pick({ id: true }), () => ({})),
  }))
  .respond(
    z.object({ part: whole(Part), text: z.string(), again: z.array(whole(Part)) }),
    ({ part, read }) => ({ again: [part, part], text: read.id, part, secret: 1 }) as never,
  );

const asked = (body: unknown, headers?: Record<string, string>): FakeUpstream => {
  return ({ target }) =>
    target === '/other' ? { body: { id: 'other' } } : { body, ...(headers && { headers }) };
};
async function textAt(endpoints: readonly Endpoint[], path: string, fake: FakeUpstream): Promise<string> {
  const answer = await testBff(endpoints, { shop: fake }).app.request(path);
  expect(answer.status).toBe(200);
  return answer.text();
}

describe('a good answer', () => {
  const odd =
    ' {"id": "\\u0061", "size":1.50, "id":"b", "__proto__":{"x":1}, "more":[1e400, 12345678901234567890]}\n';

  test('is the answer of the client, byte for byte', async () => {
    expect(await textAt([bare], '/bare', asked(odd))).toBe(odd);
  });

  test('stands between what was read, in the order of the schema, which trims the rest', async () => {
    expect(await textAt([among], '/among', asked(odd))).toBe(
      `{"part":${odd},"text":"other","again":[${odd},${odd}]}`,
    );
  });

  test('reads for every JSON text as what the parsed way gives', async () => {
    const readIt = (isWhole: boolean): Endpoint =>
      isWhole
        ? endpoint('GET', '/whole', options)
            .plan(({ call }) => ({ any: call(shop.any.whole(), () => ({})) }))
            .respond(z.object({ any: whole(z.unknown()) }), ({ any }) => ({ any }))
        : endpoint('GET', '/read', options)
            .plan(({ call }) => ({ any: call(shop.any, () => ({})) }))
            .respond(z.object({ any: z.unknown() }), ({ any }) => ({ any }));
    let body = '';
    const limits = tokenBucket({ capacity: 10_000 });
    const bff = testBff([readIt(true), readIt(false)], { shop: () => ({ body }) }, { limits });
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.constantFrom('', ' ', '\r\n\t'), async (json, gap) => {
        body = gap + json + gap;
        const [unread, read] = await Promise.all(
          ['/whole', '/read'].map(async (path) => {
            const answer = await bff.app.request(path);
            expect(answer.status).toBe(200);
            return answer.json();
          }),
        );
        expect(JSON.stringify(unread)).toBe(JSON.stringify(read)); // which writes -0 as 0
      }),
      { numRuns: 300 },
    );
  });

  test('cannot forge the place of another one', async () => {
    const marks = /[0-9a-f]{32}/g;
    const likely = '0123456789abcdef0123456789abcdef';
    const fake: FakeUpstream = ({ target }) => ({
      body: target === '/other' ? { id: `"${likely}"` } : { id: likely, size: 1 },
    });
    const text = await textAt([among], '/among', fake);
    expect(JSON.parse(text)).toEqual({
      part: { id: likely, size: 1 },
      text: `"${likely}"`,
      again: [
        { id: likely, size: 1 },
        { id: likely, size: 1 },
      ],
    });
    expect(new Set(text.match(marks))).toEqual(new Set([likely])); // nor does any mark leave
  });

  test('forwards headers as ever', async () => {
    const answer = await testBff([bare], { shop: asked({ id: 'a' }, { 'x-version': '7' }) }).app.request(
      '/bare',
    );
    expect(answer.headers.get('x-version')).toBe('7');
    expect(answer.headers.get('content-type')).toBe('application/json');
  });

  test('has an entity tag, a HEAD, a 304 and codings as any other answer', async () => {
    const body = JSON.stringify({ id: 'é'.repeat(2_000) });
    const { app } = testBff([bare], { shop: asked(body) });
    const first = await app.request('/bare');
    const etag = first.headers.get('etag') ?? '';
    expect(await first.text()).toBe(body);
    expect(first.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
    const head = await app.request('/bare', { method: 'HEAD' });
    expect([head.headers.get('etag'), head.headers.get('content-length'), await head.text()]).toEqual([
      etag,
      String(Buffer.byteLength(body)),
      '',
    ]);
    const known = await app.request('/bare', { headers: { 'if-none-match': etag } });
    expect([known.status, await known.text()]).toEqual([304, '']);
    const coded = await app.request('/bare', { headers: { 'accept-encoding': 'br' } });
    expect(coded.headers.get('etag')).toBe(`W/${etag}`);
    expect(brotliDecompressSync(Buffer.from(await coded.arrayBuffer())).toString()).toBe(body);
  });
});

describe('a bad answer', () => {
  test.each<[string, ReturnType<FakeUpstream>]>([
    ['no JSON', { body: '{"id":' }],
    ['two values', { body: '{}{}' }],
    ['nothing', { body: '' }],
    ['another type', { body: '{}', headers: { 'content-type': 'text/html' } }],
  ])('of %s is 502, and nothing of it leaves', async (_what, bad) => {
    for (const path of ['/bare', '/among']) {
      const { app } = testBff([bare, among], {
        shop: (request) => (request.target === '/other' ? { body: { id: '' } } : bad),
      });
      const answer = await app.request(path);
      expect([answer.status, await answer.json()]).toEqual([
        502,
        expect.objectContaining({ code: 'upstream-bad-answer' }),
      ]);
    }
  });

  test.each([
    [404, 404],
    [500, 502],
    [304, 502],
  ])('with status %i is %i as ever', async (status, expected) => {
    const { app } = testBff([bare], { shop: () => ({ status, body: { id: 'a' } }) });
    expect((await app.request('/bare')).status).toBe(expected);
  });
});

describe('in a plan', () => {
  test('an optional one is settled, stands in by its fallback, and is null or read by no one', async () => {
    const maybe = endpoint('GET', '/maybe', options)
      .plan(({ optional, derive }) => {
        const settled = optional(shop.get.whole(), () => ({}));
        const fallen = optional(shop.other.whole(), () => ({}), {
          fallback: () => wholeOf(Part, { id: 'none' }),
        });
        const chosen = derive({ settled, fallen }, ({ settled, fallen }) =>
          settled.ok ? settled.value : fallen,
        );
        return { settled, fallen, chosen };
      })
      .respond(
        z.object({ settled: whole(Part).nullable(), fallen: whole(Part), chosen: whole(Part) }),
        ({ settled, fallen, chosen }) => ({ settled: settled.ok ? settled.value : null, fallen, chosen }),
      );
    expect(await textAt([maybe], '/maybe', () => ({ body: '{"id": "a"}' }))).toBe(
      '{"settled":{"id": "a"},"fallen":{"id": "a"},"chosen":{"id": "a"}}',
    );
    expect(await textAt([maybe], '/maybe', () => ({ status: 500 }))).toBe(
      '{"settled":null,"fallen":{"id":"none"},"chosen":{"id":"none"}}',
    );
  });

  test('a handler passes it on, too', async () => {
    const handled = endpoint('GET', '/handled', options).handle(whole(Part), ({ call }) =>
      call(shop.get.whole(), {}),
    );
    expect(await textAt([handled], '/handled', asked('{"id": "a"}'))).toBe('{"id": "a"}');
  });

  test('what the response schema does not declare does not leave: 500', async () => {
    const schemas = [
      z.object({ part: z.any() }),
      z.object({ part: Part }),
      z.object({ part: z.record(z.string(), z.any()) }),
    ];
    for (const schema of schemas) {
      const wrong = endpoint('GET', '/wrong', options)
        .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
        .respond(schema, ({ part }) => ({ part }) as never);
      const answer = await testBff([wrong], { shop: asked({ id: 'canary' }) }).app.request('/wrong');
      expect(answer.status).toBe(500);
      expect(await answer.text()).not.toContain('canary');
    }
  });

  test('a read value is not taken for an unread one: 500', async () => {
    const wrong = endpoint('GET', '/wrong', options)
      .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
      .respond(whole(Part), ({ part }) => part as never);
    expect((await testBff([wrong], { shop: asked({ id: 'a' }) }).app.request('/wrong')).status).toBe(500);
  });

  test('the graph names its fields, and says that it is passed whole', () => {
    const { graph } = testBff([bare], { shop: asked({}) });
    expect(graph.endpoints[0]?.nodes[0]).toMatchObject({ fields: ['id', 'size'], mask: true, whole: true });
    const { graph: other } = testBff([among], { shop: asked({}) });
    expect(other.endpoints[0]?.nodes[1]).not.toHaveProperty('whole');
  });

  test('the document describes it as its schema, shared where others use it', () => {
    const read = endpoint('GET', '/read', options)
      .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
      .respond(Part, ({ part }) => part);
    const documentOf = (endpoints: Endpoint[]): unknown =>
      openApiOf(testBff(endpoints, { shop: asked({}) }, { publicOrigin: 'http://bff.test' })).paths;
    const schemaAt = (paths: unknown, path: string): unknown =>
      JSON.parse(JSON.stringify(paths))[path].get.responses[200].content['application/json'].schema;
    expect(schemaAt(documentOf([bare]), '/bare')).toEqual({
      type: 'object',
      properties: { id: { type: 'string' }, size: { type: 'number' } },
      required: ['id'],
    });
    const both = documentOf([bare, read]);
    expect(schemaAt(both, '/bare')).toEqual(schemaAt(both, '/read'));
  });
});

describe('in a cache', () => {
  const cache = { scope: 'public', ttlMs: 1_000 } as const;
  const kept = endpoint('GET', '/kept', options)
    .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({}), { cache }) }))
    .respond(z.object({ part: whole(Part) }), ({ part }) => ({ part }));
  const read = endpoint('GET', '/read', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({}), { cache }) }))
    .respond(z.object({ part: Part }), ({ part }) => ({ part }));
  const counted = (): FakeUpstream => {
    let answers = 0;
    return ({ headers }) => {
      answers += 1;
      if (headers['if-none-match'] !== undefined) return { status: 304 };
      return { body: `{"id": "answer ${answers}"}`, headers: { etag: '"1"' } };
    };
  };

  test('of a call it is kept as text, weighed, and apart from what is read of the same operation', async () => {
    const bff = testBff([kept, read], { shop: counted() });
    const textOf = async (path: string): Promise<string> => (await bff.app.request(path)).text();
    expect(await textOf('/kept')).toBe('{"part":{"id": "answer 1"}}');
    expect(await textOf('/kept')).toBe('{"part":{"id": "answer 1"}}');
    expect(await textOf('/read')).toBe('{"part":{"id":"answer 2"}}');
    expect(await textOf('/kept')).toBe('{"part":{"id": "answer 1"}}');
    expect(bff.requests.length).toBe(2);
  });

  test('a 304 of the service leaves it as it was', async () => {
    const bff = testBff([kept], { shop: counted() });
    const first = await (await bff.app.request('/kept')).text();
    bff.clock.advance(1_500);
    expect(await (await bff.app.request('/kept')).text()).toBe(first);
    expect(bff.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"']);
  });

  test.each(['public', 'principal'] as const)(
    'another instance finds it, scope %s, and can revalidate it',
    async (scope) => {
      const own = endpoint('GET', '/own', { ...options, access: signedIn() })
        .plan(({ call }) => ({
          part: call(shop.get.whole(), () => ({}), { cache: { scope, ttlMs: 1_000 } }),
        }))
        .respond(whole(Part), ({ part }) => part);
      const store = { records: memoryRecords(), sealKeys: [Buffer.alloc(32, 'seal').toString('base64')] };
      const [one, other] = [counted(), counted()].map((shop) => testBff([own], { shop }, { cache: store }));
      const textOf = async (bff: typeof one): Promise<string | undefined> =>
        (await bff?.app.request('/own', { headers: asCaller('usr_1') }))?.text();
      expect(await textOf(one)).toBe('{"id": "answer 1"}');
      await new Promise((resolve) => setImmediate(resolve));
      expect(await textOf(other)).toBe('{"id": "answer 1"}');
      expect(other?.requests).toEqual([]);
      other?.clock.advance(1_500);
      expect(await textOf(other)).toBe('{"id": "answer 1"}');
      expect(other?.requests.map(({ headers }) => headers['if-none-match'])).toEqual(['"1"']);
    },
  );

  test('of the endpoint it is kept within the text', async () => {
    const whole2 = endpoint('GET', '/all', { ...options, cache })
      .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
      .respond(z.object({ part: whole(Part) }), ({ part }) => ({ part }));
    const bff = testBff([whole2], { shop: counted() });
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await (await bff.app.request('/all')).text()).toBe('{"part":{"id": "answer 1"}}');
    }
    expect(bff.requests.length).toBe(1);
  });
});

describe('refuses to boot', () => {
  const planned = (more: object, schema: z.ZodType): Endpoint =>
    endpoint('GET', '/x', { ...options, ...more } as typeof options)
      .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
      .respond(schema, (({ part }: { part: unknown }) => ({ part })) as never);
  const cache = { scope: 'public', ttlMs: 1_000 } as const;
  const query = z.object(pageQuery());

  test.each<[string, () => Endpoint, string]>([
    [
      'selected fields',
      () => planned({ fields: true }, z.object({ part: whole(Part) })),
      'fields: true cannot leave fields out of whole(…)',
    ],
    [
      'lines',
      () => planned({ progressive: true }, whole(Part)),
      'progressive writes lines, which whole(…) may break',
    ],
    [
      'a cursor inside',
      () => planned({ query }, whole(z.object({ next: nextCursor().nullable() }))),
      'nextCursor() is sealed, so it cannot be inside whole(…)',
    ],
    [
      'a kept answer with a cursor',
      () => planned({ query, cache }, z.object({ part: whole(Part), next: nextCursor() })),
      'cache the call instead',
    ],
    [
      'a schema that changes what it reads',
      () => planned({}, z.object({ part: whole(z.object({ at: z.string().default('') })) })),
      'whole(…): passes an answer whole, which nobody reads, and its schema has a default',
    ],
    ['whole in whole', () => planned({}, whole(z.object({ a: whole(Part) }))), 'its schema has whole(…)'],
    [
      'an operation that changes what it reads',
      () =>
        endpoint('GET', '/x', options)
          .plan(({ call }) => ({ part: call(shop.changed.whole(), () => ({})) }))
          .respond(z.object({}), () => ({})),
      'shop.changed: passes an answer whole, which nobody reads, and its schema has a default',
    ],
    [
      'a batch',
      () =>
        endpoint('GET', '/x', options)
          .plan(({ each, derive }) => ({
            parts: each(
              derive({}, () => ['a']),
              shop.get.whole() as never,
              { by: 'id', max: 1, request: () => ({}) } as never,
            ),
          }))
          .respond(z.object({}), () => ({})),
      "node 'parts': each reads its items by key; leave out whole()",
    ],
    [
      'a page',
      () =>
        endpoint('GET', '/x', options)
          .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
          .render(() => ({ meta: { title: 'X' }, body: html`` }) as never),
      'a page reads what it shows; call shop.get without whole()',
    ],
  ])('%s', (_what, make, why) => {
    expect(() => testBff([make()], { shop: asked({}) })).toThrow(RangeError);
    expect(() => testBff([make()], { shop: asked({}) })).toThrow(why);
  });

  test('and nothing else: a cursor beside it is sealed', async () => {
    const page = endpoint('GET', '/page', { ...options, query })
      .plan(({ call }) => ({ part: call(shop.get.whole(), () => ({})) }))
      .respond(z.object({ part: whole(Part), next: nextCursor() }), ({ part }) => ({
        part,
        next: 'position',
      }));
    const text = await textAt([page], '/page', asked('{"id": 1 }'));
    expect(text).toMatch(/^\{"part":\{"id": 1 \},"next":"[\w-]{20,}"\}$/);
    const { next } = JSON.parse(text) as { next: string };
    const { app } = testBff([page], { shop: asked('{}') });
    expect((await app.request(`/page?cursor=${next}`)).status).toBe(200);
  });
});

test('the size of an answer is bounded as for others', async () => {
  const { app, requests } = testBff(
    [bare],
    { shop: asked({}) },
    {
      upstreams: [resolveBinding('shop', [], { targets: 'http://shop.test', maxAnswerBytes: 2_048 })],
    },
  );
  await app.request('/bare');
  expect(requests[0]?.maxAnswerBytes).toBe(2_048);
});
