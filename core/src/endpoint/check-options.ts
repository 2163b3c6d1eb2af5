/**
 * The boot check of one endpoint's options: what is missing, unknown or out of range.
 *
 * @module
 */
import { maxDeadlineMs } from '../context/deadline.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { priorities } from '../context/pressure.ts';
import { paramNames, requireTemplate } from '../upstream/path.ts';
import { checkBudget } from './budget.ts';
import { checkAnswerCache } from './check-cache.ts';
import { checkIdempotency } from './check-idempotency.ts';
import { checkWhole } from './check-whole.ts';
import type { Endpoint } from './endpoint.ts';
import { checkEarlyHints } from './hints.ts';
import { checkSlo } from './slo.ts';

const known = [
  'summary',
  'access',
  'params',
  'query',
  'body',
  'deadlineMs',
  'cost',
  'limitClass',
  'maxBodyBytes',
  'priority',
  'status',
  'antiForgery',
  'budget',
  'slo',
  'fields',
  'cache',
  'progressive',
  'earlyHints',
  'idempotency',
];

/**
 * @param checkCost Refuses a cost that the limits of the BFF could never let pass.
 * @throws {RangeError} naming the endpoint, the option, the bound and the value.
 */
export function checkOptions(endpoint: Endpoint, checkCost: (where: string, cost: number) => void): void {
  const where = endpointName(endpoint);
  const { options, method } = endpoint;
  const isStream = endpoint.behaviour.kind === 'stream';
  requireTemplate(isStream ? endpoint.path.replace(/\/\*$/, '') || '/' : endpoint.path);
  requireKnown(where, options, known);
  requireParams(where, endpoint);
  if (options.access === undefined) {
    throw new RangeError(`${where}: access is missing; declare anyone(), signedIn() or scopes(…)`);
  }
  if (options.deadlineMs === undefined) {
    throw new RangeError(
      `${where}: deadlineMs is missing; declare how long a client may wait, 1 to ${maxDeadlineMs} ms`,
    );
  }
  requireRange(where, 'deadlineMs', options.deadlineMs, 1, maxDeadlineMs);
  checkCost(where, options.cost ?? 1);
  if (options.limitClass !== undefined && !/^[a-z][a-z0-9-]{0,31}$/.test(options.limitClass)) {
    throw new RangeError(
      `${where}: limitClass must be 1 to 32 of a-z, 0-9 and -, got '${options.limitClass}'`,
    );
  }
  if (options.priority !== undefined && !priorities.includes(options.priority)) {
    throw new RangeError(
      `${where}: priority must be one of ${priorities.join(', ')}, got '${options.priority}'`,
    );
  }
  if (options.maxBodyBytes !== undefined)
    requireInteger(where, 'maxBodyBytes', options.maxBodyBytes, 1, isStream ? 1_024 ** 4 : 10 * 1_024 ** 2);
  checkBudget(where, endpoint);
  checkSlo(where, endpoint);
  if (options.cache !== undefined) checkAnswerCache(where, endpoint);
  if (options.fields === true && endpoint.behaviour.kind === 'plain') {
    throw new RangeError(`${where}: fields is for JSON answers only`);
  }
  if (options.fields === true && options.query?._zod.def.shape.fields !== undefined) {
    throw new RangeError(`${where}: fields: true already takes the parameter 'fields' of the query`);
  }
  if (options.progressive === true && !mayBeProgressive(endpoint)) {
    throw new RangeError(`${where}: progressive is for GET endpoints with a plan that respond with 200`);
  }
  checkEarlyHints(where, endpoint);
  checkWhole(where, endpoint);
  checkIdempotency(where, endpoint);
  if (options.antiForgery === false && method !== 'GET' && endpoint.behaviour.kind !== 'plain') {
    throw new RangeError(`${where}: antiForgery can be off for GET and for plain answers only`);
  }
  if (options.body !== undefined && (method === 'GET' || method === 'DELETE')) {
    throw new RangeError(`${where}: a ${method} endpoint takes no body`);
  }
}

function mayBeProgressive({ method, behaviour, options: { status = 200 } }: Endpoint): boolean {
  return method === 'GET' && behaviour.kind === 'plan' && behaviour.page === undefined && status === 200;
}

/** Every parameter of the path has one name, and a schema of its own covers them all. */
function requireParams(where: string, { path, options }: Endpoint): void {
  const names = paramNames(path);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    throw new RangeError(`${where}: the parameter ':${twice}' appears twice in the path`);
  }
  if (options.params === undefined) return;
  const described = Object.keys(options.params._zod.def.shape);
  if (described.length !== names.length || names.some((name) => !described.includes(name))) {
    throw new RangeError(
      `${where}: params must describe ${names.join(', ') || 'nothing'}, got ${described.join(', ') || 'nothing'}`,
    );
  }
}

/** `GET /api/home`: how an endpoint is called in errors and graphs. */
export function endpointName(endpoint: Pick<Endpoint, 'method' | 'path'>): string {
  return `${endpoint.method} ${endpoint.path}`;
}
