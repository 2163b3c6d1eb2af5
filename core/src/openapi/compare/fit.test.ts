/** Random schemas: what the comparison promises is what values do. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonSchema, OpenApiDocument } from '../document.ts';
import { compareSchemas } from './fit.ts';

const document = { components: { schemas: {} } } as OpenApiDocument;
const name = fc.constantFrom('a', 'b', 'c');

/** @param mayBeOpen Whether objects may have members that they do not name. */
const schemas = (mayBeOpen: boolean): fc.Arbitrary<JsonSchema> =>
  fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom<JsonSchema>(
        { type: 'string' },
        { type: 'integer' },
        { type: 'number' },
        { type: 'boolean' },
        { type: 'null' },
        { type: 'string', enum: ['x', 'y'] },
        { type: 'string', enum: ['x'] },
        { type: 'string', minLength: 2 },
        { type: 'integer', maximum: 3 },
      ),
      tie('schema').map((items): JsonSchema => ({ type: 'array', items })),
      fc
        .tuple(fc.dictionary(name, tie('schema'), { maxKeys: 3 }), fc.subarray(['a', 'b', 'c']), fc.boolean())
        .map(
          ([properties, required, isOpen]): JsonSchema => ({
            type: 'object',
            properties: properties as NonNullable<JsonSchema['properties']>,
            required: required.filter((key) => Object.hasOwn(properties, key)),
            ...(isOpen && mayBeOpen ? {} : { additionalProperties: false }),
          }),
        ),
      fc.tuple(tie('schema'), tie('schema')).map((anyOf): JsonSchema => ({ anyOf })),
    ),
  })).schema;
const schema = schemas(true);

/** Values of a schema, and of others. */
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.constantFrom<unknown>('x', 'y', '', 'zz', 0, 7, 0.5, true, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
})).value;

const placed = (one: JsonSchema): Parameters<typeof compareSchemas>[0] => ({ schema: one, document });
const takes = (one: JsonSchema, candidate: unknown): boolean =>
  z.fromJSONSchema(one as Parameters<typeof z.fromJSONSchema>[0]).safeParse(candidate).success;

test('whatever fits itself breaks nobody', () => {
  fc.assert(
    fc.property(schema, fc.constantFrom('request' as const, 'answer' as const), (one, way) => {
      expect(compareSchemas(placed(one), placed(structuredClone(one)), way)).toEqual([]);
    }),
  );
});

// Who sends what nobody asked for may find one day that it has a meaning: no promise is made for that.
test('where no break is found, every request that was taken is taken', () => {
  fc.assert(
    fc.property(schemas(false), schema, fc.array(value, { maxLength: 20 }), (before, after, values) => {
      if (compareSchemas(placed(before), placed(after), 'request').length > 0) return;
      for (const one of values) if (takes(before, one)) expect(takes(after, one)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test('taking a member out, or asking for one, is found wherever it is', () => {
  fc.assert(
    fc.property(schema, schema, (member, other) => {
      const whole = {
        type: 'object',
        properties: { kept: other, gone: member },
        required: ['kept'],
      } as JsonSchema;
      const less = { type: 'object', properties: { kept: other }, required: ['kept'] } as JsonSchema;
      const more = { ...whole, required: ['kept', 'gone'] } as JsonSchema;
      const inList = (one: JsonSchema): JsonSchema => ({
        anyOf: [{ type: 'array', items: one }, { type: 'null' }],
      });
      expect(
        compareSchemas(placed(inList(less)), placed(inList(whole)), 'answer').map(({ place }) => place),
      ).toEqual(['[].gone']);
      expect(
        compareSchemas(placed(inList(whole)), placed(inList(more)), 'request').map(({ place }) => place),
      ).toEqual(['[].gone']);
      expect(compareSchemas(placed(inList(whole)), placed(inList(less)), 'answer')).toEqual([]);
    }),
  );
});
