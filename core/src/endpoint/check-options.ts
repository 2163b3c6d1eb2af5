/**
 * The boot check of one endpoint's options: what is missing, unknown or out of range.
 *
 * @module
 */
import { maxDeadlineMs } from '../context/deadline.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { requireTemplate } from '../upstream/path.ts';
import type { Endpoint } from './endpoint.ts';

const known = [
  'summary',
  'access',
  'params',
  'query',
  'body',
  'deadlineMs',
  'cost',
  'maxBodyBytes',
  'status',
];

/**
 * @param capacity The caller's bucket: no single request may cost more.
 * @throws {RangeError} naming the endpoint, the option, the bound and the value.
 */
export function checkOptions(endpoint: Endpoint, capacity: number): void {
  const where = endpointName(endpoint);
  const { options, method } = endpoint;
  requireTemplate(endpoint.path);
  requireKnown(where, options, known);
  if (options.access === undefined) {
    throw new RangeError(`${where}: access is missing; declare anyone(), signedIn() or scopes(…)`);
  }
  if (options.deadlineMs === undefined) {
    throw new RangeError(
      `${where}: deadlineMs is missing; declare how long a client may wait, 1 to ${maxDeadlineMs} ms`,
    );
  }
  requireRange(where, 'deadlineMs', options.deadlineMs, 1, maxDeadlineMs);
  if (options.cost !== undefined) requireRange(where, 'cost', options.cost, 0, capacity);
  if (options.maxBodyBytes !== undefined)
    requireInteger(where, 'maxBodyBytes', options.maxBodyBytes, 1, 10 * 1_024 ** 2);
  if (options.body !== undefined && (method === 'GET' || method === 'DELETE')) {
    throw new RangeError(`${where}: a ${method} endpoint takes no body`);
  }
}

/** `GET /api/home`: how an endpoint is called in errors and graphs. */
export function endpointName(endpoint: Pick<Endpoint, 'method' | 'path'>): string {
  return `${endpoint.method} ${endpoint.path}`;
}
