/** The documents of dated versions, and what people are told beside the declarations. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiInfo } from '../api-info.ts';
import type { BffOptions } from '../bff-options.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { openEnum } from '../endpoint/open-enum.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/test-bff.ts';
import { change, down } from '../versions/change.ts';
import { problemShape } from '../versions/problem-shape.ts';
import { documentOf, openApiOf, readSnapshot, snapshotText } from './index.ts';

const Thing = z
  .object({ id: z.string(), label: z.string(), kind: openEnum(['a', 'b'], 'What it is.') })
  .meta({ id: 'Thing', description: 'A thing.' });
const params = z.object({ id: z.string().describe('Its id.') });
const thing = endpoint('GET', '/v1/things/:id', {
  summary: 'One thing.',
  access: anyone(),
  deadlineMs: 500,
  params,
}).handle(Thing, async () => ({ id: '', label: '', kind: 'a' }));
const renamed = change({
  name: 'label',
  summary: 'The `label` of a thing was its `name`.',
  response: down(Thing, {
    newer: { label: z.string() },
    older: { name: z.string() },
    map: ({ label }) => ({ name: label }),
  }),
  errors: down(problemShape, {
    newer: { requestId: z.string() },
    older: { request: z.string() },
    map: ({ requestId }) => ({ request: requestId }),
  }),
});
const versions: BffOptions['versions'] = {
  dated: [
    { version: '2026-02-01', changes: [renamed] },
    {
      version: '2026-01-01',
      changes: [],
      deprecatedAt: '2026-03-01',
      sunsetAt: '2027-01-01',
      brownouts: [{ from: '2026-12-01T08:00:00Z', until: '2026-12-01T09:00:00Z' }],
    },
  ],
  docs: '/docs/changes',
};
const apiInfo: ApiInfo = {
  title: 'Things API',
  description: 'All about things.',
  contact: { name: 'Things team' },
  resources: { things: 'Things.' },
  examples: {
    '2026-01-01': {
      'GET /v1/things/:id': { parameters: { id: 't1' }, answer: { id: 't1', name: 'A', kind: 'a' } },
    },
  },
};
const bff = testBff(
  [thing],
  {},
  {
    versions,
    apiInfo,
    publicOrigin: 'https://things.test',
    problemDocs: '/docs/errors',
  },
);

test('the document is that of the newest version, or of the one that is named', () => {
  expect(openApiOf(bff).info).toMatchObject({ version: '2026-02-01', title: 'Things API', 'x-bff': 'test' });
  expect(documentOf(bff, '2026-02-01')).toEqual(openApiOf(bff));
  const { Thing: now } = documentOf(bff).components.schemas;
  const { Thing: older } = documentOf(bff, '2026-01-01').components.schemas;
  expect(Object.keys(now?.properties ?? {})).toEqual(['id', 'label', 'kind']);
  expect(Object.keys(older?.properties ?? {})).toEqual(['id', 'name', 'kind']);
  expect(older?.description).toBe('A thing.');
});

test('a version says how it ends, in headers and in problems', () => {
  const headersOf = (version: string): string[] => Object.keys(documentOf(bff, version).components.headers);
  const ending = ['Deprecation', 'Link', 'Sunset'];
  expect(headersOf('2026-01-01')).toEqual(expect.arrayContaining(['API-Version', ...ending]));
  for (const name of ending) expect(headersOf('2026-02-01')).not.toContain(name);
  const codes = (version: string, status: number) =>
    documentOf(bff, version).paths['/v1/things/{id}']?.get?.responses[status]?.['x-codes'];
  expect(codes('2026-02-01', 400)).toContain('unknown-version');
  expect(codes('2026-02-01', 410)).toBeUndefined();
  expect(codes('2026-01-01', 410)).toEqual(['version-sunset']);
  expect(codes('2026-01-01', 503)).toContain('version-brownout');
});

test('problems have the form of the version, with an example for each code that links to its page', () => {
  const { schemas, examples } = documentOf(bff, '2026-01-01').components;
  expect(schemas.Problem?.required).toContain('request');
  expect(examples['not-found']?.value).toMatchObject({
    code: 'not-found',
    request: expect.any(String),
    docs: 'https://things.test/docs/errors#not-found',
  });
  expect(examples['unknown-version']?.value).toMatchObject({ supported: ['2026-02-01', '2026-01-01'] });
});

test('examples are those of the version', () => {
  const get = documentOf(bff, '2026-01-01').paths['/v1/things/{id}']?.get;
  expect(get?.parameters?.find(({ name }) => name === 'id')?.example).toBe('t1');
  expect(get?.responses[200]?.content?.['application/json']?.example).toEqual({
    id: 't1',
    name: 'A',
    kind: 'a',
  });
  const newest = documentOf(bff).paths['/v1/things/{id}']?.get;
  expect(newest?.responses[200]?.content?.['application/json']).not.toHaveProperty('example');
});

test('every operation belongs to a resource that is described', () => {
  const document = documentOf(bff);
  expect(document.tags).toEqual([{ name: 'things', description: 'Things.' }]);
  expect(document.paths['/v1/things/{id}']?.get?.tags).toEqual(['things']);
});

test('a snapshot knows no origin, and is read as the document it was made of', () => {
  const text = snapshotText(documentOf(bff, '2026-01-01'));
  expect(text).not.toContain('things.test');
  const read = readSnapshot(text);
  expect(read.servers).toEqual([{ url: '/', description: 'Where this document is served.' }]);
  expect(read.paths).toEqual(JSON.parse(JSON.stringify(documentOf(bff, '2026-01-01').paths)));
  expect(snapshotText(read)).toBe(text);
});

test('a resource that there is not, and a page that is none, are refused at boot', () => {
  const boot = (options: Partial<BffOptions>) => () => testBff([thing], {}, options);
  expect(boot({ apiInfo: { resources: { orders: 'Orders.' } } })).toThrow(
    "apiInfo: resources must be some of things, got 'orders'",
  );
  expect(boot({ problemDocs: 'docs' })).toThrow('defineBff: problemDocs must be a path or an https address');
  expect(boot({ problemDocs: '/docs#errors' })).toThrow("got '/docs#errors'");
});
