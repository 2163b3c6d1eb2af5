/**
 * Lines on standard output, in a process of its own: none is lost when it ends, however it ends, and nobody who
 * reads slowly makes it grow.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program that has a `logger`; its standard output is a pipe. */
function run(program: string) {
  const lines = `import { jsonLogger } from 'bffkit'; const logger = jsonLogger({ name: 'child' }); ${program}`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', lines], {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return { child, exit: once(child, 'exit').then(([code]) => code as number | null) };
}

interface Line {
  readonly n?: number;
  readonly msg: string;
  readonly dropped?: number;
}

function parse(output: string): Line[] {
  expect(output.endsWith('\n')).toBe(true);
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const thousand = `for (let n = 0; n < 1000; n += 1) {
  if (n % 3 === 0) logger.info({ n }, 'few'); else logger.json('info', '"n":' + n, 'many');
}`;

describe('of a process that', () => {
  test.each([
    ['ends by itself', '', 0],
    ['is ended by process.exit', 'process.exit(3);', 3],
    ['dies of an error nobody caught', "throw new Error('x');", 1],
    ['dies of a rejection nobody caught', "await Promise.reject(new Error('x'));", 1],
    ['flushes and is killed', "await logger.flush(); process.kill(process.pid, 'SIGKILL');", null],
    [
      'is ended while a write is under way',
      "setImmediate(() => { logger.info({ n: 1000 }, 'few'); process.exit(0); });",
      0,
    ],
  ])('%s no line is lost, and all are in order', async (_how, end, code) => {
    const { child, exit } = run(`${thousand} ${end}`);
    const lines = parse(await text(child.stdout));
    expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: lines.length }, (_, n) => n));
    expect(lines.length).toBeGreaterThanOrEqual(1_000);
    expect(await exit).toBe(code);
  });

  test('is read by nobody drops lines, says how many, and stays small', async () => {
    // 80 MB of lines, then a word on standard error, then lines again once somebody reads.
    const { child, exit } = run(`
      const before = process.memoryUsage.rss();
      const wide = 'x'.repeat(1_000);
      for (let n = 0; n < 80_000; n += 1) {
        logger.json('info', '"n":' + n + ',"wide":"' + wide + '"', 'many');
        if (n % 100 === 0) await new Promise(setImmediate);
      }
      process.stderr.write(String(process.memoryUsage.rss() - before) + '\\n');
      process.stdin.once('data', () => {
        logger.info({}, 'after');
        logger.flush().then(() => process.exit(0));
      });`);
    const [grown] = (await once(createInterface({ input: child.stderr }), 'line')) as [string];
    expect(Number(grown)).toBeLessThan(150 * 1_024 * 1_024);
    const output = text(child.stdout);
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.stdin.write('go');
    const lines = parse(await output);
    const dropped = lines
      .filter(({ msg }) => msg === 'dropped')
      .reduce((sum, line) => sum + (line.dropped ?? 0), 0);
    expect(dropped).toBeGreaterThan(40_000);
    expect(lines.filter(({ msg }) => msg === 'many').length + dropped).toBe(80_000);
    expect(lines.at(-1)?.msg).toBe('after');
    expect(await exit).toBe(0);
  });

  test('is read by nobody ends all the same', async () => {
    const { child, exit } = run(`
      const wide = 'x'.repeat(1_000);
      for (let n = 0; n < 1_000; n += 1) logger.json('info', '"wide":"' + wide + '"', 'many');
      setTimeout(() => process.exit(4), 1_500);`);
    expect(await exit).toBe(4);
    child.stdout.destroy();
  });

  test('has lost its reader goes on', async () => {
    const { child, exit } = run(`
      process.stdin.once('data', async () => {
        ${thousand}
        await logger.flush();
        process.exit(5);
      });`);
    child.stdout.destroy();
    child.stdin.write('go');
    expect(await exit).toBe(5);
  });
});
