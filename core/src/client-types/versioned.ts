/**
 * The document of one dated version, as a client of it needs it.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import type { Bff } from '../bff.ts';
import type { JsonSchema, OpenApiDocument } from '../openapi/document.ts';
import { openApiOf } from '../openapi/index.ts';
import { versionsOf } from '../versions/open-versions.ts';

type Described = Pick<Bff, 'name' | 'owner' | 'graph' | 'declared'>;

/**
 * The document of `bff`: in its newest version, or in `version`.
 *
 * @throws {RangeError} for a version it does not have; the message lists those it has.
 */
export function documentOf(bff: Described, version: string | undefined): OpenApiDocument {
  if (version === undefined) return openApiOf(bff);
  const all = versionsOf(bff);
  const found = all.find((one) => one.version === version);
  if (found === undefined) {
    const known = all.map((one) => one.version).join(', ') || 'none';
    throw new RangeError(`client: ${bff.name} must have the version '${version}'; it has ${known}`);
  }
  const plans = new Map(
    bff.declared.endpoints.map(({ endpoint, plan }) => [`${endpoint.method} ${endpoint.path}`, plan]),
  );
  const endpoints = found.endpoints.map((endpoint) => ({
    endpoint,
    plan: plans.get(`${endpoint.method} ${endpoint.path}`),
  }));
  const document = openApiOf({ ...bff, declared: { ...bff.declared, endpoints } });
  const { components } = document;
  const Problem = found.isHead ? components.schemas.Problem : problemOf(found.problem);
  return {
    ...document,
    info: { ...document.info, version },
    components: {
      ...components,
      schemas: { ...components.schemas, ...(Problem === undefined ? {} : { Problem }) },
    },
  };
}

function problemOf(schema: $ZodType): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
  });
  return rest;
}
