/**
 * What every BFF declares of the services, held against the documents the services publish: the upstream
 * files operation by operation, then the calls of the endpoints with the fields each of them reads.
 */
import { type Services, startServices } from '@acme/services-mock';
import type { GraphNode } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerFields } from '../support/answer-fields.ts';
import { loadBffs } from '../support/bff-package.ts';
import { type Contract, idOf } from '../support/contract.ts';
import { contractDifferences, describeDifference } from '../support/contract-diff.ts';
import { findOperation, type OpenApiDocument } from '../support/open-api.ts';
import { documentOf, readDocuments } from '../support/service-documents.ts';

const bffs = await loadBffs();
let services: Services;
let documents: ReadonlyMap<string, OpenApiDocument>;
beforeAll(async () => {
  services = await startServices({ ports: 'free' });
  documents = await readDocuments(services.urls);
});
afterAll(() => services.close());

test('there are BFFs to check', () => {
  expect(bffs.map(({ name }) => name)).toEqual(expect.arrayContaining(['web', 'mobile', 'partner']));
});

describe.each(bffs)('$name', ({ name: bff, operations, graph }) => {
  const byId = new Map(operations.map((contract) => [idOf(contract), contract]));
  const calls = graph.endpoints.flatMap(({ method, path, nodes }) =>
    nodes
      .filter(({ operation }) => operation !== undefined)
      .map((node) => ({ endpoint: `${method} ${path}`, node, called: `${node.name} (${node.operation})` })),
  );

  /** The operation as this node calls it. */
  function contractOf({ operation = '', mask = true }: GraphNode): Contract {
    const contract = byId.get(operation);
    if (contract !== undefined) return { ...contract, mask };
    throw new Error(`${bff} calls ${operation}, which none of its upstream files declares`);
  }

  test.each(operations.map((contract) => [idOf(contract), contract] as const))(
    'the declaration of %s is what the service documents',
    (_id, contract) => {
      const found = contractDifferences(contract, documentOf(documents, contract.upstream));
      expect(found.map((difference) => describeDifference(bff, difference))).toEqual([]);
    },
  );

  test.each(calls)('$endpoint calls $called as the service documents it', ({ endpoint, node }) => {
    const contract = contractOf(node);
    const found = contractDifferences(contract, documentOf(documents, contract.upstream));
    const where = `${endpoint}, node ${node.name}`;
    expect(found.map((difference) => `${describeDifference(bff, difference)} (${where})`)).toEqual([]);
  });

  test.each(calls)('$endpoint would notice in $called each field it reads, and no other', ({ node }) => {
    const contract = contractOf(node);
    const original = documentOf(documents, contract.upstream);
    const { document, fields } = answerFields(original, contract.method, contract.path);
    const isNoticed = (): boolean => contractDifferences(contract, document).length > 0;
    const noticed = (is: Parameters<(typeof fields)[number]['whileIt']>[0]): string[] =>
      fields.filter((field) => field.whileIt(is, isNoticed)).map(({ path }) => path);
    const read = fields.map(({ path }) => path).filter((path) => isRead(path, node.fields ?? []));
    expect(read.length).toBeGreaterThan(0);
    expect(noticed('gone')).toEqual(read);
    expect(noticed({ type: 'array', items: { type: 'null' } })).toEqual(read);
  });

  test.each(operations.map((contract) => [idOf(contract), contract] as const))(
    'the declaration of %s would notice each parameter it sends, and no other that may be left out',
    (_id, contract) => {
      const original = documentOf(documents, contract.upstream);
      const { parameters = [] } = findOperation(original, contract.method, contract.path) ?? {};
      const query = parameters.filter((parameter) => parameter.in === 'query');
      const sent = Object.keys(contract.query?._zod.def.shape ?? {});
      const noticed = query.filter(({ name }) => {
        const document = withoutParameter(original, contract, name);
        return contractDifferences(contract, document).length > 0;
      });
      expect(noticed.map(({ name }) => name).sort()).toEqual(sent.sort());
    },
  );
});

/** `read` lists the ends of paths, such as `items.total.amount`. */
function isRead(path: string, read: readonly string[]): boolean {
  return read.some((field) => field === path || field.startsWith(`${path}.`));
}

/** The document with a parameter of this operation under a name that nobody sends. */
function withoutParameter(original: OpenApiDocument, contract: Contract, name: string): OpenApiDocument {
  const document = structuredClone(original);
  const { path = '' } = findOperation(original, contract.method, contract.path) ?? {};
  const operation = document.paths[path]?.[contract.method.toLowerCase()] as {
    parameters: { name: string; required: boolean }[];
  };
  operation.parameters = operation.parameters.map((parameter) =>
    parameter.name === name ? { ...parameter, name: `not-${name}`, required: false } : parameter,
  );
  return document;
}
