import { expect, test } from 'vitest';
import { isConfidential } from './confidential.ts';

test.each([
  'https://users.acme.internal',
  'https://10.0.0.1:8443',
  'http://localhost:4101',
  'http://id.localhost',
  'http://127.0.0.1:80',
  'http://127.1.2.3',
  'http://[::1]:4101/token',
])('%s cannot be overheard', (url) => {
  expect(isConfidential(url)).toBe(true);
});

test.each([
  'http://users:4101',
  'http://127.0.0.1.evil.test',
  'http://localhost.evil.test',
  'http://127.evil.test',
  'http://[::2]',
  'http://0.0.0.0',
  'ftp://localhost',
  'wss://users.test',
  'localhost',
  '',
])('%j could be', (url) => {
  expect(isConfidential(url)).toBe(false);
});
