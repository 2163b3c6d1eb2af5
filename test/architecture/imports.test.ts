/**
 * The import rules: inside core imports run downwards, each outside package has its one
 * place, and no package looks into another that it must not know.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(pattern: string): Import[] {
  return globSync(pattern, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  }).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap(
      (match) => match[1] ?? [],
    );
    return specifiers.map((to) => ({
      from: file,
      to: to.startsWith('.') ? normalize(join(dirname(file), to)) : to,
    }));
  });
}

const core = importsOf('core/src/**/*.ts').filter(({ from }) => !from.endsWith('.test.ts'));

/** Rooms of core from the ground up; a file imports from its own room or from a lower floor. */
const floors = [
  ['problem'],
  ['context'],
  ['records'],
  ['ingress', 'identity', 'limit', 'upstream', 'cache', 'idempotency', 'telemetry', 'http', 'ssr'],
  ['plan', 'transform'],
  ['endpoint'],
  ['session', 'keys', 'usage', 'delegation', 'proxy', 'explain', 'versions', 'webhooks'],
  ['top'],
  ['openapi', 'declarative', 'slo', 'tracing'],
  ['client-types', 'console', 'portal'],
  ['node', 'testing', 'cli', 'redis', 'client'],
];

function roomOf(file: string): string {
  const [, , room = '', ...rest] = file.split('/');
  return rest.length === 0 ? 'top' : room;
}

function floorOf(room: string): number {
  return floors.findIndex((rooms) => rooms.includes(room));
}

describe('inside core', () => {
  test('every room has a floor', () => {
    expect([...new Set(core.map(({ from }) => roomOf(from)))].filter((room) => floorOf(room) < 0)).toEqual(
      [],
    );
  });

  test('imports run downwards only', () => {
    const upward = core.filter(({ from, to }) => {
      if (!to.startsWith('core/')) return false;
      const [user, used] = [roomOf(from), roomOf(to)];
      return user !== used && floorOf(used) >= floorOf(user);
    });
    expect(upward).toEqual([]);
  });

  test.each([
    ['cockatiel', ['upstream']],
    ['jose', ['delegation', 'identity', 'session']],
    ['lru-cache', ['cache', 'delegation', 'identity', 'keys', 'limit', 'records', 'session']],
    ['undici', ['cli', 'delegation', 'identity', 'session', 'upstream', 'webhooks']],
    ['openid-client', ['session']],
    ['oauth4webapi', ['delegation', 'identity', 'session']],
    ['marked', ['portal']],
    ['pino', ['telemetry']],
    ['prom-client', ['telemetry']],
    ['@opentelemetry', ['tracing']],
    ['@hono/node-server', ['node']],
    ['ioredis', ['redis']],
  ])('%s is imported in its rooms only', (dependency, rooms) => {
    const users = core
      .filter(({ to }) => to === dependency || to.startsWith(`${dependency}/`))
      .map(({ from }) => roomOf(from));
    expect([...new Set(users)].filter((room) => !rooms.includes(room))).toEqual([]);
  });

  test('nothing of the repository is named', () => {
    expect(core.filter(({ to }) => /@acme|bffs\/|services-mock|^test\//.test(to))).toEqual([]);
  });

  test('time, randomness and fetch are passed in', () => {
    const places = ['core/src/context/clock.ts', 'core/src/context/ids.ts', 'core/src/node/'];
    const files = [...new Set(core.map(({ from }) => from))].filter(
      (file) => !places.some((place) => file.startsWith(place)),
    );
    const guilty = files.filter((file) =>
      /\bDate\.now\(|\bMath\.random\(|(?:await|return|=>|=)\s*fetch\(|(?<![.\w])setTimeout\(|performance\.now\(/.test(
        readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      ),
    );
    expect(guilty).toEqual([]);
  });
});

describe('between packages', () => {
  test('a BFF knows bffkit and neither another BFF nor the mocks', () => {
    const wrong = importsOf('bffs/*/src/**/*.ts').filter(({ from, to }) => {
      if (to.startsWith('@acme/') || to.startsWith('services-mock')) return true;
      return to.startsWith('bffs/') && to.split('/')[1] !== from.split('/')[1];
    });
    expect(wrong).toEqual([]);
  });

  test('the mocks do not share code with what they test', () => {
    const wrong = importsOf('services-mock/src/**/*.ts').filter(({ to }) =>
      /^bffkit|^core\/|^bffs\/|@acme\/bff/.test(to),
    );
    expect(wrong).toEqual([]);
  });
});
