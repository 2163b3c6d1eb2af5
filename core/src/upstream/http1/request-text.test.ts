import { expect, test } from 'vitest';
import type { TransportRequest } from '../transport.ts';
import { requestHead } from './request-text.ts';

const request: TransportRequest = {
  operation: 'get',
  method: 'GET',
  origin: 'http://shop:8080',
  target: '/parts?limit=2',
  headers: { accept: 'application/json', 'x-request-id': 'r1' },
  body: undefined,
  maxAnswerBytes: 1_000,
};

test('a request is its line, where it goes, its fields and an empty line', () => {
  expect(requestHead(request, 'shop:8080')).toBe(
    'GET /parts?limit=2 HTTP/1.1\r\nhost: shop:8080\r\nconnection: keep-alive\r\n' +
      'accept: application/json\r\nx-request-id: r1\r\n\r\n',
  );
});

test('the length of a body is in bytes', () => {
  const head = requestHead({ ...request, method: 'POST', body: '{"a":"é"}' }, 'shop');
  expect(head).toContain('\r\ncontent-length: 10\r\n');
});

test.each([
  ['GET', false],
  ['DELETE', false],
  ['POST', true],
  ['PUT', true],
  ['PATCH', true],
] as const)('%s without a body says so: %s', (method, says) => {
  expect(requestHead({ ...request, method }, 'shop').includes('content-length: 0\r\n')).toBe(says);
});

test('a request that says its host has it once', () => {
  const head = requestHead({ ...request, headers: { host: 'other' } }, 'shop');
  expect(head.match(/^host: .*$/gm)).toEqual(['host: other']);
});

test.each([
  ['a target with a space', { target: '/a b' }],
  ['a target with a line end', { target: '/a\r\nX-Evil: 1' }],
  ['a target beyond ASCII', { target: '/é' }],
  ['an empty target', { target: '' }],
  ['a field value with a line end', { headers: { 'x-a': 'canary\r\nx-evil: 1' } }],
  ['a field value with a line feed', { headers: { 'x-a': 'canary\nx-evil: 1' } }],
  ['a field value with a NUL', { headers: { 'x-a': 'canary\0' } }],
  ['a field value beyond latin1', { headers: { 'x-a': 'canary日' } }],
  ['a field name with a colon', { headers: { 'x:a': 'canary' } }],
  ['a field name with a line end', { headers: { 'x\r\na': 'canary' } }],
  ['a field without a name', { headers: { '': 'canary' } }],
])('%s is never sent, and the error quotes nothing of it', (_what, part) => {
  let thrown: unknown;
  try {
    requestHead({ ...request, ...part }, 'shop');
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ code: 'internal' });
  expect(String((thrown as Error).cause)).toContain('cannot be sent');
  expect(String((thrown as Error).cause)).not.toMatch(/canary|evil/i);
});
