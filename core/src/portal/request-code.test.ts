import { expect, test } from 'vitest';
import { requestCode } from './request-code.ts';

const codeOf = (label: string, body: unknown, url = 'https://api.example/x'): string =>
  requestCode({
    method: 'POST',
    url,
    headers: [
      ['Authorization', 'Bearer $API_KEY'],
      ['Idempotency-Key', '$UUID'],
    ],
    body,
  }).find((each) => each.label === label)?.code ?? '';

test('texts end nothing in the shell', () => {
  expect(codeOf('curl', { note: "it's" })).toContain(`"note": "it'\\''s"`);
  expect(codeOf('curl', undefined, "https://api.example/'$(x)'")).toContain(
    `'https://api.example/'\\''$(x)'\\'''`,
  );
});

test('texts end nothing in TypeScript', () => {
  expect(codeOf('TypeScript', undefined, "https://api.example/'\\")).toContain(
    "fetch('https://api.example/\\'\\\\'",
  );
});

test('Python has its own words for true, false and null, in data and not in texts', () => {
  const code = codeOf('Python', { a: true, b: [null, false], c: 'true null' });
  expect(code).toContain('"a": True');
  expect(code).toContain('None,');
  expect(code).toContain('"c": "true null"');
});

test('keys come from the environment and are new where they must be', () => {
  expect(codeOf('curl', {})).toContain('-H "Authorization: Bearer $API_KEY"');
  expect(codeOf('curl', {})).toContain('$(uuidgen)');
  expect(codeOf('TypeScript', {})).toMatch(/Authorization: `Bearer \$\{process\.env\.API_KEY\}`/);
  expect(codeOf('Python', {})).toContain('str(uuid.uuid4())');
});
