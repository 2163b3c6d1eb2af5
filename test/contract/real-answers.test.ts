/**
 * Every read that a BFF declares, asked for real: what the services answer is what the BFF can decode.
 * The requests are written here, not by the code that is under test.
 */
import { type Services, startServices } from '@acme/services-mock';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadBffs } from '../support/bff-package.ts';
import { type Contract, idOf } from '../support/contract.ts';
import { findOperation, type OpenApiDocument } from '../support/open-api.ts';
import { readFacts, type SampleValues, sampleValues } from '../support/sample-values.ts';
import { documentOf, readDocuments } from '../support/service-documents.ts';

const bffs = await loadBffs();
let services: Services;
let documents: ReadonlyMap<string, OpenApiDocument>;
let samples: Readonly<Record<string, SampleValues>>;
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  documents = await readDocuments(services.urls);
  samples = sampleValues(await readFacts(services.urls));
});
afterAll(() => services.close());

describe.each(bffs)('$name', ({ name: bff, operations }) => {
  const reads = operations.filter(({ method }) => method === 'GET');

  test.each(reads.map((contract) => [idOf(contract), contract] as const))(
    'decodes what %s answers',
    async (_id, contract) => {
      const target = targetOf(contract);
      const answer = await ask(contract, target);
      expect(emptyLists(answer)).toEqual([]);
      expect(faultsOf(bff, contract, target, answer)).toEqual([]);
    },
  );

  const paged = reads.filter(({ query }) => query !== undefined && 'cursor' in query._zod.def.shape);
  test.each(paged.map((contract) => [idOf(contract), contract] as const))(
    'decodes the second page of what %s answers',
    async (_id, contract) => {
      const { next } = z
        .object({ next: z.string() })
        .parse(await ask(contract, targetOf(contract, { limit: 1 })));
      const target = targetOf(contract, { limit: 1, cursor: next });
      expect(faultsOf(bff, contract, target, await ask(contract, target))).toEqual([]);
    },
  );
});

test('an answer that cannot be decoded is reported with BFF, operation, field and both types', async () => {
  const [contract] = bffs.flatMap(({ operations }) =>
    operations.filter((found) => idOf(found) === 'orders.get'),
  );
  if (contract === undefined) throw new Error('no BFF reads an order');
  const response = z.object({ total: z.object({ amount: z.string() }), gone: z.number() });
  const target = targetOf(contract);
  const faults = faultsOf('web', { ...contract, response }, target, await ask(contract, target));
  expect(faults).toEqual([
    `web orders.get: GET ${target}: total.amount: Invalid input: expected string, received number`,
    `web orders.get: GET ${target}: gone: Invalid input: expected number, received undefined`,
  ]);
});

/** Path and query with a value for each parameter; the document says what the path's are called. */
function targetOf(contract: Contract, values: SampleValues = {}): string {
  const documented = findOperation(documentOf(documents, contract.upstream), contract.method, contract.path);
  if (documented === undefined) throw new Error(`${idOf(contract)} is not documented`);
  const known: SampleValues = { ...samples[contract.upstream], ...values };
  const sampleOf = (name: string): string => {
    const value = known[name];
    if (value !== undefined)
      return [value]
        .flat()
        .map((part) => encodeURIComponent(part))
        .join(',');
    throw new Error(
      `no sample for '${name}' of ${contract.upstream}: add it to test/support/sample-values.ts`,
    );
  };
  const keys = Object.keys(contract.query?._zod.def.shape ?? {}).filter(
    (key) => key !== 'cursor' || 'cursor' in values,
  );
  const path = documented.path.replaceAll(/\{([^}]*)\}/g, (_whole, name: string) => sampleOf(name));
  return path + keys.map((key, index) => `${index === 0 ? '?' : '&'}${key}=${sampleOf(key)}`).join('');
}

async function ask(contract: Contract, target: string): Promise<unknown> {
  const urls: Readonly<Record<string, string>> = services.urls;
  const response = await fetch(`${urls[contract.upstream]}${target}`);
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  throw new Error(`${idOf(contract)}: GET ${target} is answered ${response.status} ${text}`);
}

function faultsOf(bff: string, contract: Contract, target: string, answer: unknown): string[] {
  const parsed = z.safeParse(contract.response ?? z.unknown(), answer);
  const issues = parsed.error?.issues ?? [];
  return issues.map(
    ({ path, message }) => `${bff} ${idOf(contract)}: GET ${target}: ${path.join('.')}: ${message}`,
  );
}

/** A list without items proves nothing about its items. */
function emptyLists(answer: unknown): string[] {
  const lists: Readonly<Record<string, unknown>> = Array.isArray(answer) ? { answer } : Object(answer);
  return Object.entries(lists).flatMap(([name, value]) =>
    Array.isArray(value) && value.length === 0 ? [name] : [],
  );
}
