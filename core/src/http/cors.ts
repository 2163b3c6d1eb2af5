/**
 * Cross-origin requests, decided once for a whole BFF: which other origins' pages may read answers. Off unless
 * declared; exact origins only, so that there is nothing to match and nothing to reflect.
 *
 * @see {@link https://fetch.spec.whatwg.org/#http-cors-protocol Fetch, CORS protocol}
 * @module
 */
import { requireInteger, requireKnown } from '../context/options.ts';
import { isLoopback, requireOrigin } from '../context/origin.ts';
import type { CommonHeaders } from './security-headers.ts';

export interface CorsOptions {
  /** Exact origins, such as `https://app.shop.example`. */
  readonly origins: readonly string[];
  /** Methods pages may use, of those that a path has. Default all of them. */
  readonly methods?: readonly string[];
  /** Request headers pages may send beside the harmless ones. Default `content-type`. */
  readonly headers?: readonly string[];
  /** Answer headers pages may read beside the harmless ones. Default none. */
  readonly exposeHeaders?: readonly string[];
  /** Whether pages may send cookies. Default false. */
  readonly credentials?: boolean;
  /** Seconds a browser may remember a preflight's answer, 0 to 86 400. Default 600. */
  readonly maxAgeSeconds?: number;
}

/** What of a request a preflight asks. */
export interface PreflightQuestion {
  readonly origin: string | undefined;
  /** The value of `Access-Control-Request-Method`. */
  readonly method: string | undefined;
}

/** Compiled cross-origin rules. */
export interface Cors {
  readonly headersFor: CommonHeaders;
  /** The headers that answer a preflight; nothing when it is none, or asks for what is not allowed. */
  preflight(question: PreflightQuestion, methods: readonly string[]): Record<string, string> | undefined;
}

const known = ['origins', 'methods', 'headers', 'exposeHeaders', 'credentials', 'maxAgeSeconds'];
const where = 'defineBff: cors';
const token = /^[A-Za-z][A-Za-z0-9-]*$/;

/**
 * Compiles the rules. `common` are the headers that answers have anyway.
 *
 * @throws {RangeError} for an origin that is not exact, `*` anywhere, or cookies for an `http` origin.
 */
export function compileCors(options: CorsOptions, common: Readonly<Record<string, string>>): Cors {
  checkCors(options);
  const {
    methods: allowedMethods,
    headers = ['content-type'],
    exposeHeaders = [],
    maxAgeSeconds = 600,
  } = options;
  const forOthers = { ...common, vary: 'Origin' };
  const forListed = new Map(
    options.origins.map((origin) => [
      origin,
      {
        ...forOthers,
        'access-control-allow-origin': origin,
        'cross-origin-resource-policy': 'cross-origin',
        ...(options.credentials ? { 'access-control-allow-credentials': 'true' } : {}),
        ...(exposeHeaders.length === 0 ? {} : { 'access-control-expose-headers': exposeHeaders.join(', ') }),
      },
    ]),
  );
  return {
    headersFor: (origin) => (origin === undefined ? forOthers : (forListed.get(origin) ?? forOthers)),
    preflight({ origin, method }, methods) {
      if (origin === undefined || method === undefined || !forListed.has(origin)) return undefined;
      const usable = methods.filter((each) => allowedMethods?.includes(each) ?? true);
      if (!usable.includes(method)) return undefined;
      return {
        'access-control-allow-methods': usable.join(', '),
        'access-control-max-age': String(maxAgeSeconds),
        ...(headers.length === 0 ? {} : { 'access-control-allow-headers': headers.join(', ') }),
      };
    },
  };
}

function checkCors(options: CorsOptions): void {
  requireKnown(where, options, known);
  const { origins, methods = [], headers = [], exposeHeaders = [], credentials = false } = options;
  if (!Array.isArray(origins) || origins.length === 0) {
    throw new RangeError(
      `${where}: origins must list at least one exact origin, got ${String(origins) || 'none'}`,
    );
  }
  for (const origin of origins) {
    const { protocol, hostname } = new URL(requireOrigin(where, 'origins', origin));
    if (credentials && protocol !== 'https:' && !isLoopback(hostname)) {
      throw new RangeError(`${where}: credentials need origins with https, got '${origin}'`);
    }
  }
  if (typeof credentials !== 'boolean') {
    throw new RangeError(`${where}: credentials must be true or false, got '${String(credentials)}'`);
  }
  requireNames('methods', methods, /^[A-Z]+$/);
  requireNames('headers', headers, token);
  requireNames('exposeHeaders', exposeHeaders, token);
  requireInteger(where, 'maxAgeSeconds', options.maxAgeSeconds ?? 0, 0, 86_400);
}

function requireNames(option: string, names: readonly string[], pattern: RegExp): void {
  for (const name of names) {
    if (!pattern.test(name)) {
      throw new RangeError(`${where}: ${option} must list exact names, got '${name}'`);
    }
  }
}
