/**
 * What partners may expect of every endpoint in every version, without reading how it works. A new endpoint that does
 * otherwise fails here with its name.
 */
import type { OpenApiDocument } from 'bffkit/openapi';
import { describe, expect, test } from 'vitest';
import { contentsOf, membersOf } from '../support/api-members.ts';
import { callsOf } from '../support/openapi-document.ts';
import { bootPartner, currentDocument, dated } from '../support/partner-documents.ts';

const bff = await bootPartner();
const newest = dated[0] ?? '';

/** Writes that need no key of their own, and why. */
const unkeyed: Readonly<Record<string, string>> = {
  'PATCH /v1/webhook-endpoints/:id': 'sets members to values: twice is once',
  'POST /v1/webhook-endpoints/:id/ping': 'a second ping harms nobody; a key may be sent',
  'POST /v1/webhook-endpoints/:id/deliveries/:delivery/redeliver':
    'receivers know deliveries by their id; a key may be sent',
};

/** Money was decimal text, and this enumeration was closed, before the versions that changed it. */
const isBefore = (version: string, changed: string): boolean => version < changed;

describe.each(dated)('in %s', (version) => {
  const document = currentDocument(bff, version);
  const members = membersOf(document);
  const answers = members.filter(({ side }) => side === 'answer');
  const wherever = (found: readonly { readonly where: string }[]): string[] =>
    found.map(({ where }) => where);

  test('money is whole minor units and a currency of ISO 4217', () => {
    const amounts = answers.filter(({ name }) => name === 'amount');
    expect(amounts.length).toBeGreaterThan(5);
    expect(wherever(amounts.filter(({ of }) => of.properties?.currency === undefined))).toEqual([]);
    if (isBefore(version, '2026-11-01')) return;
    expect(wherever(amounts.filter(({ schema }) => schema.type !== 'integer'))).toEqual([]);
    const currencies = members.filter(({ name }) => name === 'currency');
    expect(wherever(currencies.filter(({ schema }) => schema.pattern !== '^[A-Z]{3}$'))).toEqual([]);
    const prices = answers.filter(({ name }) => /(price|total|fee|cost)$/i.test(name));
    expect(wherever(prices.filter(({ schema }) => schema.type !== 'object'))).toEqual([]);
  });

  test('moments are ISO 8601 in UTC, days are ISO 8601', () => {
    const moments = answers.filter(({ name }) => /(?:^at|At|Until)$/.test(name));
    expect(moments.length).toBeGreaterThan(5);
    expect(
      wherever(moments.filter(({ schema }) => schema.type !== 'string' || schema.format !== 'date-time')),
    ).toEqual([]);
    const days = answers.filter(({ name }) => /^(?:date|from|to)$|(?:Date|Day)$/.test(name));
    expect(wherever(days.filter(({ schema }) => schema.format !== 'date'))).toEqual([]);
  });

  test('ids are text', () => {
    const ids = members.filter(({ name }) => /^id$|Id$/.test(name));
    expect(ids.length).toBeGreaterThan(5);
    expect(wherever(ids.filter(({ schema }) => schema.type !== 'string'))).toEqual([]);
  });

  test('an answer is an object; a list is `items` with `next`, and takes its `next` as `cursor`', () => {
    const all = contentsOf(document).filter(({ side }) => side === 'answer');
    expect(wherever(all.filter(({ schema }) => 'type' in schema && schema.type !== 'object'))).toEqual([]);
    const lists = answers.filter(({ where }) => / answer \d+ items$/.test(where));
    expect(wherever(lists.filter(({ of }) => of.properties?.next === undefined))).toEqual([]);
    expect(wherever(lists.filter(({ of }) => of.required?.includes('next') !== true))).toEqual([]);
    for (const { name, operation } of callsOf(document)) {
      const takesCursor = operation.parameters?.some((parameter) => parameter.name === 'cursor') === true;
      const isList = lists.some(({ where }) => where.startsWith(`${name} answer`));
      if (takesCursor) expect([name, isList]).toEqual([name, true]);
    }
  });

  test('enumerations of answers are open, and say so', () => {
    const closed = answers.filter(({ schema }) => (schema.enum?.length ?? 0) > 1);
    const known = isBefore(version, '2026-11-01')
      ? closed.filter(({ where }) => !/(?:stock\.)?status$/.test(where))
      : closed;
    expect(wherever(known)).toEqual([]);
    const open = answers.filter(({ schema }) => schema['x-extensible-enum'] !== undefined);
    expect(open.length).toBeGreaterThan(0);
    expect(
      wherever(open.filter(({ schema }) => !/More values may be added/.test(schema.description ?? ''))),
    ).toEqual([]);
  });

  test('members are written in camel case', () => {
    expect(wherever(members.filter(({ name }) => !/^[a-z][A-Za-z0-9]*$/.test(name)))).toEqual([]);
  });

  test('a problem has its type, title, status, code, detail, request and page', () => {
    const { properties = {}, required } = document.components.schemas.Problem ?? {};
    const request = isBefore(version, '2026-06-01') ? 'request_id' : 'requestId';
    expect(Object.keys(properties)).toEqual(
      expect.arrayContaining([
        'type',
        'title',
        'status',
        'code',
        'detail',
        request,
        'docs',
        'supported',
        'errors',
      ]),
    );
    expect(required).toEqual(expect.arrayContaining(['type', 'title', 'status', 'code', request]));
    for (const { name, operation } of callsOf(document)) {
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        if (status < '400' && status !== 'default') continue;
        expect([name, status, Object.keys(content)]).toEqual([name, status, ['application/problem+json']]);
      }
    }
  });

  test('every answer names its request and its version, and says when to come again', () => {
    for (const { name, operation } of callsOf(document)) {
      for (const [status, { headers = {} }] of Object.entries(operation.responses)) {
        expect([name, status, Object.keys(headers)]).toEqual([
          name,
          status,
          expect.arrayContaining(['X-Request-Id', 'API-Version']),
        ]);
        if (status === '429' || status === '503')
          expect([name, status, 'Retry-After' in headers]).toEqual([name, status, true]);
      }
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['401', '403', '429', '500', '503']),
      );
    }
  });

  test('everything is explained: operations, resources, parameters and headers', () => {
    const isSentence = (text = ''): boolean => /^[A-ZÀ-Ž`].*[.…]$/s.test(text);
    const silent = callsOf(document).flatMap(({ name, operation }) => [
      ...(isSentence(operation.summary) ? [] : [name]),
      ...(operation.parameters ?? []).flatMap((one) =>
        isSentence(one.description) ? [] : [`${name} ${one.name}`],
      ),
    ]);
    expect(silent).toEqual([]);
    expect(document.tags.filter(({ description }) => !isSentence(description))).toEqual([]);
    expect(document.tags.filter(({ description }) => description.startsWith('What has to do with'))).toEqual(
      [],
    );
    expect(
      Object.values(document.components.headers).filter(({ description }) => !isSentence(description)),
    ).toEqual([]);
  });
});

test('every write is done once for one key', () => {
  const writes = bff.declared.endpoints.flatMap(({ endpoint: { method, path, options } }) =>
    /^(?:POST|PUT|PATCH)$/.test(method)
      ? [{ name: `${method} ${path}`, idempotency: options.idempotency }]
      : [],
  );
  expect(writes.length).toBeGreaterThan(0);
  const loose = writes.filter(
    ({ name, idempotency }) => idempotency !== 'required' && unkeyed[name] === undefined,
  );
  expect(loose).toEqual([]);
  expect(Object.keys(unkeyed).filter((name) => !writes.some((write) => write.name === name))).toEqual([]);
});

test('the conventions would notice', () => {
  const document = currentDocument(bff, newest);
  const text = JSON.stringify(document);
  const broken = JSON.parse(text.replaceAll('"^[A-Z]{3}$"', '"^.$"')) as OpenApiDocument;
  const of = (one: OpenApiDocument): number =>
    membersOf(one).filter(({ name, schema }) => name === 'currency' && schema.pattern === '^[A-Z]{3}$')
      .length;
  expect([of(document) > 5, of(broken)]).toEqual([true, 0]);
});
