import { type Services, startServices } from '@acme/services-mock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadBffs } from '../support/bff-package.ts';
import { idOf } from '../support/contract.ts';
import { contractDifferences, describeDifference } from '../support/contract-diff.ts';
import type { OpenApiDocument } from '../support/open-api.ts';

const bffs = await loadBffs();
let services: Services;
const documents = new Map<string, OpenApiDocument>();
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  for (const [name, url] of Object.entries(services.urls)) {
    const r = await fetch(`${url}/openapi.json`);
    if (r.ok) documents.set(name, (await r.json()) as OpenApiDocument);
  }
});
afterAll(() => services.close());
describe.each(bffs)('$name', ({ name, operations }) => {
  test.each(operations.map((o) => [idOf(o), o] as const))('%s', (_id, contract) => {
    const d = documents.get(contract.upstream);
    if (d === undefined) throw new Error('no doc');
    expect(contractDifferences(contract, d).map((x) => describeDifference(name, x))).toEqual([]);
  });
});
