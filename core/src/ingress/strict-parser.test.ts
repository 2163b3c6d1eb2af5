import { expect, test } from 'vitest';
import { requireStrictParser } from './strict-parser.ts';

const refused = new RangeError('serve: Node runs with --insecure-http-parser; start it without');

test.each([
  [['--insecure-http-parser'], ''],
  [['--enable-source-maps', '--insecure_http_parser'], ''],
  [[], '--insecure-http-parser'],
  [[], '--max-old-space-size=512  "--insecure-http-parser" --trace-warnings'],
])('a process started with the lenient parser serves nothing: %j %j', (execArgv, nodeOptions) => {
  expect(() => requireStrictParser(execArgv, nodeOptions)).toThrow(refused);
});

test('any other process may serve, this one too', () => {
  expect(() => requireStrictParser(['--no-insecure-http-parser', '-r', 'x'], '--inspect')).not.toThrow();
  expect(() => requireStrictParser(['--title=--insecure-http-parser'], '')).not.toThrow();
  expect(() => requireStrictParser()).not.toThrow();
});
