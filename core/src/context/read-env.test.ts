import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { envList, envPort, envUrl, readEnv } from './read-env.ts';

test('variables come out typed, with their defaults, and without those nobody asked for', () => {
  const schema = z.object({
    PORT: z.coerce.number().int().default(4001),
    USERS_URL: z.url(),
    DEBUG: z.stringbool().default(false),
  });
  expect(
    readEnv(schema, { USERS_URL: 'http://users:8080', DEBUG: 'yes', HOME: '/root', SECRET: undefined }),
  ).toEqual({
    PORT: 4001,
    USERS_URL: 'http://users:8080',
    DEBUG: true,
  });
});

test('a list is separated by commas; nothing makes none', () => {
  const schema = z.object({ KEYS: envList().optional() });
  expect(readEnv(schema, { KEYS: 'new, old' })).toEqual({ KEYS: ['new', 'old'] });
  expect(readEnv(schema, { KEYS: '' })).toEqual({});
});

test('an empty variable is one that is not set', () => {
  const schema = z.object({ NAME: z.string().default('web'), PORT: envPort().default(4001) });
  expect(readEnv(schema, { NAME: '', PORT: '' })).toEqual({ NAME: 'web', PORT: 4001 });
});

test.each([
  ['0', true],
  ['4001', true],
  ['65535', true],
  ['65536', false],
  ['-1', false],
  ['80.5', false],
  ['http', false],
])('%j is a port: %s', (text, isPort) => {
  expect(envPort().safeParse(text).success).toBe(isPort);
});

test.each([
  ['http://users:8080', true],
  ['https://users.example/v1', true],
  ['ftp://users', false],
  ['javascript:alert(1)', false],
  ['users:8080', false],
  ['/users', false],
])('%j is an address: %s', (text, isAddress) => {
  expect(envUrl().safeParse(text).success).toBe(isAddress);
});

describe('what is wrong', () => {
  test('is said all at once, a line for each variable', () => {
    const schema = z.object({ PORT: z.coerce.number(), USERS_URL: z.url(), NAME: z.string() });
    expect(() => readEnv(schema, { PORT: 'many', USERS_URL: 'users' })).toThrow(
      new RangeError(
        [
          'the environment is not valid',
          '  PORT: Invalid input: expected number, received NaN',
          '  USERS_URL: Invalid URL',
          '  NAME: Invalid input: expected string, received undefined',
        ].join('\n'),
      ),
    );
  });

  test.each<[string, z.ZodType]>([
    ['a number', z.coerce.number()],
    ['an address', z.url()],
    ['a list of words', z.enum(['a', 'b'])],
    ['a pattern', z.string().regex(/^[0-9]+$/)],
    ['a length', z.string().max(3)],
    ['a word', z.literal('a')],
    ['a switch', z.stringbool()],
    ['a beginning', z.string().startsWith('x')],
    ['one of two', z.union([z.url(), z.coerce.number()])],
    ['a date', z.iso.date()],
    ['parts', z.templateLiteral(['a-', z.number()])],
    ['a check of its own', z.string().refine(() => false)],
    ['nothing', z.never()],
  ])('never repeats a value, which may be a secret: %s', (_what, schema) => {
    let message = '';
    try {
      readEnv(z.object({ DB_PASSWORD: schema }), { DB_PASSWORD: 'canary-secret' });
    } catch (error) {
      message = String(error);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain('canary');
  });
});
