import { describe, expect, test } from 'vitest';
import { GatewayError } from './gateway-error.ts';
import { problemDocument, problemHeaders, proxyStatus } from './problem.ts';

describe('the document', () => {
  test('says what the client may know', () => {
    const issues = [{ pointer: '/query/limit', detail: 'must be at most 50' }];
    const error = new GatewayError('validation-failed', { detail: 'One value is wrong.', issues });
    expect(problemDocument(error, 'request-1')).toEqual({
      type: 'urn:bffkit:problem:validation-failed',
      title: 'The request is not valid',
      status: 400,
      code: 'validation-failed',
      detail: 'One value is wrong.',
      requestId: 'request-1',
      errors: issues,
    });
  });

  test('of a used up limit has the registered type and names the limit', () => {
    const error = new GatewayError('rate-limited', { violatedPolicies: ['burst', 'month'] });
    expect(problemDocument(error, 'request-1')).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      code: 'rate-limited',
      'violated-policies': ['burst', 'month'],
    });
  });

  test('never says the cause, its stack, its fields, or the name of the upstream', () => {
    const inner = Object.assign(new Error('canary-message'), {
      address: 'canary-address',
      body: 'canary-body',
    });
    const cause = new Error('canary-outer', { cause: inner });
    for (const error of [
      new GatewayError('upstream-error', { cause, node: 'part' }),
      GatewayError.from(cause),
      GatewayError.from('canary-text'),
      GatewayError.from({ toJSON: () => 'canary-json', toString: () => 'canary-string' }),
    ]) {
      expect(JSON.stringify(problemDocument(error, 'request-1'))).not.toContain('canary');
    }
  });

  test('and no header says the cause either', () => {
    const error = new GatewayError('upstream-error', { cause: new Error('canary'), node: 'users' });
    expect(JSON.stringify(problemHeaders(error))).not.toContain('canary');
  });
});

describe('the headers', () => {
  test('are problem+json that nobody stores', () => {
    expect(problemHeaders(new GatewayError('not-found'))).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
  });

  test.each([
    [0, '1'],
    [1, '1'],
    [999, '1'],
    [1_000, '1'],
    [1_001, '2'],
    [29_000.5, '30'],
  ])('after %d ms Retry-After is %s: rounded up, never zero', (retryAfterMs, seconds) => {
    expect(problemHeaders(new GatewayError('circuit-open', { retryAfterMs }))['retry-after']).toBe(seconds);
  });

  test('name the hop that failed', () => {
    const error = new GatewayError('upstream-timeout', { node: 'users' });
    expect(problemHeaders(error)['proxy-status']).toBe('users; error=http_response_timeout');
  });

  test('of the error win over the usual ones', () => {
    const headers = { allow: 'GET', 'cache-control': 'no-store, no-transform' };
    expect(problemHeaders(new GatewayError('method-not-allowed', { headers }))).toMatchObject(headers);
  });
});

describe('Proxy-Status', () => {
  test.each([
    ['upstream-timeout', 'users; error=http_response_timeout'],
    ['deadline-exceeded', 'users; error=http_response_timeout'],
    ['upstream-unreachable', 'users; error=destination_unavailable'],
    ['circuit-open', 'users; error=destination_unavailable'],
    ['upstream-busy', 'users; error=connection_limit_reached'],
    ['upstream-bad-answer', 'users; error=http_protocol_error'],
    ['upstream-broken-answer', 'users; error=http_response_incomplete'],
    ['upstream-error', 'users'],
    ['upstream-rejected', 'users'],
    ['not-found', 'users'],
    ['internal', 'users'],
  ] as const)('of %s is %s', (code, member) => {
    expect(proxyStatus('users', code)).toBe(member);
  });
});
