/** `bffkit limits simulate` over the access log of a run. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  anyone,
  defineBff,
  endpoint,
  fixedWindow,
  jsonLogger,
  logFacts,
  monthlyQuota,
  tokenBucket,
} from 'bffkit';
import { asCaller, manualClock, testCallers } from 'bffkit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(root, 'test/limits/.simulate-')); // a policy imports bffkit as any file of a team does
const logFile = join(mkdtempSync(join(tmpdir(), 'bffkit-log-')), 'access.log');
const policies = {
  same: `import { fixedWindow, monthlyQuota, tokenBucket } from 'bffkit';
export const limits = [tokenBucket({ capacity: 5, refillPerSecond: 2 }), monthlyQuota({ max: 40 })];
export const plans = { wide: fixedWindow({ max: 20, windowSeconds: 10, by: 'ip' }) };`,
  roomy: `import { tokenBucket } from 'bffkit';
export const limits = tokenBucket({ capacity: 1000 });`,
};

let refusedInRun = 0;

beforeAll(async () => {
  for (const [name, text] of Object.entries(policies)) writeFileSync(join(dir, `${name}.ts`), text);
  const lines: string[] = ['not a line of ours\n'];
  const clock = manualClock();
  const ping = endpoint('GET', '/ping', { summary: 'A.', access: anyone(), deadlineMs: 100 }).handle(
    z.object({}),
    async () => ({}),
  );
  const callers = testCallers();
  const bff = defineBff({
    name: 'run',
    owner: '@acme/run',
    identity: [
      {
        ...callers,
        async authenticate(context) {
          const principal = await callers.authenticate(context);
          return principal?.subject === 'wide' ? { ...principal, plan: 'wide' } : principal;
        },
      },
    ],
    limits: [tokenBucket({ capacity: 5, refillPerSecond: 2 }), monthlyQuota({ max: 40 })],
    plans: { wide: fixedWindow({ max: 20, windowSeconds: 10, by: 'ip' }) },
    upstreams: [],
    endpoints: [ping],
    clock,
  });
  logFacts(bff, jsonLogger({ name: 'run', write: (line) => void lines.push(line) }));
  for (let index = 0; index < 300; index += 1) {
    const name = ['ada', 'wide', ''][index % 3] ?? '';
    const { status } = await bff.app.request('/ping', { headers: name === '' ? {} : asCaller(name) });
    if (status === 429) refusedInRun += 1;
    clock.advance((index * 29) % 150);
  }
  writeFileSync(logFile, lines.join(''));
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
  rmSync(logFile, { force: true });
});

function simulate(policy: string, ...flags: readonly string[]): string {
  const command = [
    'core/src/cli/main.ts',
    'limits',
    'simulate',
    logFile,
    '--policy',
    join(dir, policy),
    ...flags,
  ];
  return execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

test('the policy that made the log refuses the same requests', () => {
  expect(refusedInRun).toBeGreaterThan(50);
  expect(simulate('same.ts').split('\n')[0]).toBe(
    `300 requests, ${refusedInRun} refused (${(refusedInRun / 3).toFixed(1)} %); the log refused ${refusedInRun}; 0 decided differently`,
  );
});

test('another policy says whom it would have refused and what room was left', () => {
  const { refused, subjects } = JSON.parse(simulate('roomy.ts', '--json'));
  expect(refused).toBe(0);
  expect(subjects).toHaveLength(3);
  expect(subjects[0]).toMatchObject({ limit: 'default', max: 1_000, requests: 100, refused: 0 });
  expect(simulate('roomy.ts')).toMatch(/run\/user::[\w-]{16} /); // people are under pseudonyms
});

test.each([[['simulate']], [['simulate', logFile]], [['replay', logFile, '--policy', 'x.ts']]])(
  '%s is answered with how to call it',
  (args) => {
    const call = (): unknown =>
      execFileSync(process.execPath, ['core/src/cli/main.ts', 'limits', ...args], {
        cwd: root,
        stdio: 'pipe',
      });
    expect(call).toThrow(/limits simulate needs ACCESS_LOG and --policy FILE/);
  },
);
