import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/test-bff.ts';
import { writeSnapshots } from './openapi-snapshots.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bffkit-snapshots-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A BFF with one version, whose only answer has these members. */
function bffWith(shape: Readonly<Record<string, z.ZodType>>, summary = 'A thing.') {
  const thing = endpoint('GET', '/v1/thing', { summary, access: anyone(), deadlineMs: 500 }).handle(
    z.object(shape),
    async () => ({}) as never,
  );
  return testBff(
    [thing],
    {},
    { versions: { dated: [{ version: '2026-01-01', changes: [] }], docs: '/docs' } },
  );
}

const write = (bff: ReturnType<typeof bffWith>, allowsBreaking = false): string =>
  writeSnapshots(bff, { folder, allowsBreaking });
const kept = (): string => readFileSync(join(folder, '2026-01-01.json'), 'utf8');

test('a version gets a file, and what is the same stays as it is', () => {
  expect(write(bffWith({ a: z.string() }))).toBe('2026-01-01 is new\n');
  expect(readdirSync(folder)).toEqual(['2026-01-01.json']);
  expect(write(bffWith({ a: z.string() }))).toBe('2026-01-01 is the same\n');
});

test('what is added is written and told', () => {
  write(bffWith({ a: z.string() }));
  expect(write(bffWith({ a: z.string(), b: z.string() }))).toBe(
    '2026-01-01 is different\n  GET /v1/thing: answer 200 b is there too\n',
  );
  expect(write(bffWith({ a: z.string(), b: z.string() }, 'One thing.'))).toBe(
    '2026-01-01 says the same in other words\n',
  );
  expect(kept()).toContain('One thing.');
});

test('what would break clients is refused with its operation, and nothing is written', () => {
  write(bffWith({ a: z.string() }));
  const before = kept();
  expect(() => write(bffWith({ a: z.number() }))).toThrow(
    /^test: clients would break, so nothing was written\n {2}2026-01-01 BREAKS GET \/v1\/thing: answer 200 a was string, is number\nMake it a change module/,
  );
  expect(kept()).toBe(before);
  expect(write(bffWith({ a: z.number() }), true)).toContain('BREAKS GET /v1/thing');
  expect(kept()).not.toBe(before);
});
