/**
 * The OpenAPI document of every BFF by the official schema of OpenAPI 3.1. In a file of its own: the check
 * keeps the process busy for so long that a BFF in it would shed requests.
 */
import { Validator } from '@seriousme/openapi-schema-validator';
import { openApiOf } from 'bffkit/openapi';
import { fakeUpstreams } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { loadBffs } from '../support/bff-package.ts';

test.each(await loadBffs())('the document of $name is OpenAPI 3.1', async ({ create }) => {
  const document = openApiOf(create({}, { transport: fakeUpstreams({}).transport }));
  const verdict = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  expect(verdict).toMatchObject({ valid: true });
});
