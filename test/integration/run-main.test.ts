/**
 * The first and the last line of a BFF's own process.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../support/sigterm-bff.ts', import.meta.url));

test('wrong configuration ends the process with one readable line and code 1', async () => {
  const run = promisify(execFile)(process.execPath, [script, 'http://127.0.0.1:1/api']);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^cannot start: upstream 'shop': target must be an origin such as [^\n]+, got 'http:\/\/127\.0\.0\.1:1\/api'\n$/,
    ),
  });
});

test('a Node that parses HTTP insecurely serves nothing', async () => {
  const run = promisify(execFile)(process.execPath, ['--insecure-http-parser', script, 'http://127.0.0.1:1']);
  await expect(run).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^cannot start: serve: Node runs with --insecure-http-parser[^\n]*\n$/m),
  });
});
