/**
 * What every answer of a BFF must be like, good or not.
 *
 * @module
 */
import type { Endpoint } from 'bffkit';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ShopAnswer } from './shop.ts';

/** The declared status, and a body of the declared schema with nothing beside it. */
export function expectGood(
  { status, headers, text, body }: ShopAnswer,
  { options, response }: Endpoint,
): void {
  expect(status, text).toBe(options.status ?? 200);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
  expect(z.parse(response, body)).toEqual(body);
}

/** A problem document of this status. */
export function expectProblem(
  { status, headers, text, body }: ShopAnswer,
  expected: number,
  code?: string,
): void {
  expect(status, text).toBe(expected);
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toMatchObject({ status: expected, ...(code === undefined ? {} : { code }) });
}
