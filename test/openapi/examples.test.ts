/** The examples in the documents are what the shop answers, in every version. */
import { readFileSync } from 'node:fs';
import type { OpenApiResponse } from 'bffkit/openapi';
import { describe, expect, test } from 'vitest';
import { Examples, exampleFolder, recordExamples } from '../support/api-examples.ts';
import { callOf, callsOf, compileSchema, faultsOf } from '../support/openapi-document.ts';
import { bootPartner, currentDocument, dated } from '../support/partner-documents.ts';

const again = 'node test/openapi/record-examples.ts';
const bff = await bootPartner();

describe.each(dated)('the examples of %s', (version) => {
  const file = new URL(`${version}.json`, exampleFolder);
  const examples = Examples.parse(JSON.parse(readFileSync(file, 'utf8')));
  const document = currentDocument(bff, version);

  test(`are what the running shop answers: else run ${again}`, { timeout: 60_000 }, async () => {
    expect(await recordExamples(version)).toEqual(examples);
  });

  test.each(callsOf(document).map(({ name }) => name.replaceAll(/\{([^}]+)\}/g, ':$1')))(
    '%s has a request and an answer, which its schemas take and which have nothing else',
    (endpoint) => {
      const example = examples[endpoint];
      if (example === undefined)
        throw new Error(`add ${endpoint} to test/support/example-requests.ts, then ${again}`);
      const { operation } = callOf(document, endpoint);
      const [good] = Object.entries(operation.responses).flatMap(([status, one]) =>
        status < '300' ? [one] : [],
      );
      expect(faultsOf(document, good as OpenApiResponse, example.answer)).toEqual([]);
      expect(good?.content?.['application/json']?.example).toEqual(example.answer);
      const media = operation.requestBody?.content['application/json'];
      expect(media?.example).toEqual(example.body);
      if (media !== undefined) compileSchema(document, media.schema ?? {}).parse(example.body);
      for (const { name, in: place, required, example: value } of operation.parameters ?? [])
        if (required) expect([`${place} ${name}`, value]).not.toContain(undefined);
    },
  );

  test('of problems are such problems, one for every code', () => {
    const schema = compileSchema(document, document.components.schemas.Problem ?? {});
    const named = callsOf(document).flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap((response) => response['x-codes'] ?? []),
    );
    expect(Object.keys(document.components.examples)).toEqual([...new Set<string>(named)].sort());
    for (const [code, { value }] of Object.entries(document.components.examples)) {
      expect(schema.parse(value)).toMatchObject({ code, docs: `/docs/errors#${code}` });
    }
  });
});
