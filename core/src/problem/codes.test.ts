import { describe, expect, test } from 'vitest';
import { type ProblemCode, problemCodes } from './codes.ts';
import { GatewayError } from './gateway-error.ts';
import { problemDocument, proxyStatus } from './problem.ts';

const codes = Object.keys(problemCodes) as ProblemCode[];

describe.each(codes)('%s', (code) => {
  test('is a slug with an error status and one sentence for people', () => {
    const { status, title } = problemCodes[code];
    expect(code).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z][^.]+$/);
  });

  test('is a document of its own status and a member of Proxy-Status', () => {
    expect(problemDocument(new GatewayError(code), 'r')).toEqual({
      type: `urn:bffkit:problem:${code}`,
      title: problemCodes[code].title,
      status: problemCodes[code].status,
      code,
      requestId: 'r',
    });
    expect(proxyStatus('users', code)).toMatch(/^users(?:; error=[a-z_]+)?$/);
  });
});

test('what a service did wrong is 502 to 504, never the fault of the client or our own', () => {
  const ofServices = codes.filter((code) => code.startsWith('upstream-') || code === 'circuit-open');
  for (const code of ofServices) expect([502, 503, 504]).toContain(problemCodes[code].status);
});
