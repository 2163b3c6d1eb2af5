/**
 * The one shape in which services refuse: `{ error: { code, message } }`.
 *
 * @module
 */
import * as z from 'zod';
import { component } from '../schemas/component.ts';

/** The body of every answer from 400 on. */
export const ErrorBody = component(
  'Error',
  z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) }),
);
export type ErrorBody = Readonly<z.infer<typeof ErrorBody>>;

/** The statuses with which a service refuses. */
export type ErrorStatus = 400 | 404 | 409 | 413 | 415 | 422 | 500;

/** Ends a request with a refusal. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: ErrorStatus;
  readonly code: string;

  constructor(status: ErrorStatus, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The body of a refusal. */
export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message } };
}

/** Gives the value, or refuses with a 404 when there is none. */
export function found<T>(value: T | undefined, kind: string): T {
  if (value === undefined) throw new ServiceError(404, `${kind}_not_found`, `There is no such ${kind}.`);
  return value;
}

/** Gives the value a body names, or refuses with a 422: here it is the request that is wrong. */
export function known<T>(value: T | undefined, kind: string): T {
  if (value === undefined) throw new ServiceError(422, `unknown_${kind}`, `There is no such ${kind}.`);
  return value;
}
