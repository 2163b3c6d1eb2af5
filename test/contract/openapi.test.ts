/**
 * The OpenAPI document of every BFF: well-formed, complete in what it says about access, and true. What the
 * running shop answers is what the document promises.
 */
import { problemCodes } from 'bffkit';
import { type OpenApiDocument, openApiOf } from 'bffkit/openapi';
import { fakeUpstreams } from 'bffkit/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BffPackage, loadBffs } from '../support/bff-package.ts';
import { callOf, callsOf, compileSchema, faultsOf, followReferences } from '../support/openapi-document.ts';
import type { ShopAnswer } from '../support/shop.ts';
import { nameOf, type OpenShop, openWholeShop } from '../support/shop-requests.ts';

const bffs = await loadBffs();
let shop: OpenShop;
beforeAll(async () => {
  shop = await openWholeShop();
});
afterEach(() => shop.services.faults.clear());
afterAll(() => shop.close());

function documentOf(bff: BffPackage): OpenApiDocument {
  return JSON.parse(textOf(bff));
}

function textOf({ create }: BffPackage): string {
  return JSON.stringify(openApiOf(create({}, { transport: fakeUpstreams({}).transport })));
}

describe.each(bffs)('the document of $name', (bff) => {
  const document = documentOf(bff);
  const calls = callsOf(document);

  test('is the same text every time', () => {
    expect(textOf(bff)).toBe(textOf(bff));
  });

  test('names every operation once', () => {
    const ids = calls.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]*$/);
  });

  test('refers to nothing that is not there, and has nothing that is not referred to', () => {
    const { schemas, headers, securitySchemes } = document.components;
    const followed = followReferences(document);
    for (const name of Object.keys(schemas)) expect(followed).toContain(`#/components/schemas/${name}`);
    for (const name of Object.keys(headers)) expect(followed).toContain(`#/components/headers/${name}`);
    const needed = calls.flatMap(({ operation }) => operation.security.flatMap((way) => Object.keys(way)));
    expect([...new Set(needed)].sort()).toEqual(Object.keys(securitySchemes).sort());
    for (const name of Object.keys({ ...schemas, ...headers, ...securitySchemes }))
      expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
  });

  test('keeps the rules of OpenAPI 3.1 for parameters, responses and schemas', () => {
    const schemas = new Map<string, object>(); // each once: a process that is busy for long sheds requests
    for (const { path, operation } of calls) {
      const { parameters = [], requestBody, responses } = operation;
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{[^}]+\}/g) ?? []);
      expect(inPath.every(({ required }) => required)).toBe(true);
      const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
      for (const [status, { description }] of Object.entries(responses)) {
        expect(status).toMatch(/^(?:[1-5](?:\d\d|XX)|default)$/);
        expect(description).not.toBe('');
      }
      const contents = [requestBody, ...Object.values(responses)].flatMap((part) =>
        Object.values(part?.content ?? {}),
      );
      for (const schema of [...contents.map((content) => content.schema), ...parameters.map((p) => p.schema)])
        schemas.set(JSON.stringify(schema), schema ?? {});
    }
    for (const schema of schemas.values()) expect(() => compileSchema(document, schema)).not.toThrow();
  });

  test.each(bff.graph.endpoints.filter(({ access }) => access.kind !== 'anyone'))(
    'says who may call $method $path',
    ({ method, path, access, cost, deadlineMs }) => {
      const { operation } = callOf(document, `${method} ${path}`);
      expect(operation.security.length).toBeGreaterThan(0);
      for (const way of operation.security) {
        const [scopes, ...companions] = Object.values(way);
        expect(scopes).toEqual(access.scopes);
        expect(companions.flat()).toEqual([]);
      }
      expect(operation['x-roles'] ?? []).toEqual(access.roles);
      expect(operation).toMatchObject({ 'x-cost': cost, 'x-deadline-ms': deadlineMs });
      expect(operation.responses).toHaveProperty('401');
    },
  );

  test('has every scope of the graph', () => {
    const documented = calls.flatMap(({ operation }) =>
      operation.security.flatMap((way) => Object.values(way)),
    );
    const declared = bff.graph.endpoints.flatMap(({ access }) => access.scopes);
    expect([...new Set(documented.flat())].sort()).toEqual([...new Set(declared)].sort());
  });

  test('gives each problem the status of its codes', () => {
    for (const { operation } of calls) {
      for (const [status, { 'x-codes': codes = [] }] of Object.entries(operation.responses))
        for (const code of codes) expect([code, String(problemCodes[code].status)]).toEqual([code, status]);
    }
  });
});

describe.each(bffs)('what $name answers is what its document says', (bff) => {
  const document = documentOf(bff);
  const endpoints = bff.endpoints.map((endpoint) => ({ name: nameOf(endpoint), endpoint }));

  /** Whether a good answer can be made of kept parts alone. */
  function isKept(name: string): boolean {
    const { nodes = [] } = bff.graph.endpoints.find(({ method, path }) => `${method} ${path}` === name) ?? {};
    return nodes.length > 0 && nodes.every(({ kind, cache }) => kind === 'derive' || cache !== undefined);
  }

  /** The answer is documented with its status, body and headers. */
  function expectDocumented(endpoint: string, { status, headers, body }: ShopAnswer): void {
    const { operation } = callOf(document, endpoint);
    const response = operation.responses[status];
    if (response === undefined) throw new Error(`${endpoint} does not document ${status}`);
    expect(Object.keys(response.content ?? {})).toContain(headers.get('content-type'));
    expect(faultsOf(document, response, body)).toEqual([]);
    const { 'x-codes': codes, headers: promised = {} } = response;
    if (codes !== undefined) expect(codes).toContain((body as { readonly code: string }).code);
    const own = [...headers.keys()].filter((name) =>
      /^(?:x-|ratelimit|bff-|proxy-|retry-after|www-)/.test(name),
    );
    const common = ['x-content-type-options', 'x-frame-options'];
    const known = [...Object.keys(promised).map((name) => name.toLowerCase()), ...common];
    expect(own.filter((name) => !known.includes(name))).toEqual([]);
  }

  test.each(endpoints)('$name', async ({ name, endpoint }) => {
    const answer = await shop.askSample(bff.name, endpoint, await shop.credentialOf(bff.name));
    expect(answer.status).toBeLessThan(300);
    expectDocumented(name, answer);
  });

  test.each(endpoints)('$name to strangers and to tokens that do not hold', async ({ name, endpoint }) => {
    expectDocumented(name, await shop.askSample(bff.name, endpoint));
    const token = await shop.token(bff.name, 'ada', { expiresInSeconds: -60 });
    expectDocumented(name, await shop.askSample(bff.name, endpoint, token));
  });

  test.each(endpoints)('$name to callers without scopes', async ({ name, endpoint }) => {
    const token = await shop.token(bff.name, 'ada', { scope: 'something:else' });
    expectDocumented(name, await shop.askSample(bff.name, endpoint, token));
  });

  test.each(endpoints)(
    '$name to requests that make no sense',
    async ({ name, endpoint: { method, path } }) => {
      const credential = await shop.credentialOf(bff.name);
      const target = path.replaceAll(/:[^/]+/g, 'nobody-knows');
      for (const odd of [target, `${target}?beside=the-point`, `${target}?a=%zz`, `${target}?access_token=x`])
        expectDocumented(name, await shop.ask(bff.name, odd, { credential, method }));
    },
  );

  // Last, because the breakers of the BFF remember it.
  test.each(endpoints)('$name while every service fails', async ({ name, endpoint }) => {
    const { control, issuer, ...services } = shop.services.urls;
    for (const service of Object.keys(services))
      await fetch(`${control}/faults/${service}`, { method: 'PUT', body: '"status:503"' });
    const answer = await shop.askSample(bff.name, endpoint, await shop.credentialOf(bff.name));
    const isFailing = answer.status === 502 || answer.status === 503 || answer.headers.has('bff-degraded');
    expect(isFailing || (isKept(name) && answer.status === 200)).toBe(true);
    expectDocumented(name, answer);
  });
});
