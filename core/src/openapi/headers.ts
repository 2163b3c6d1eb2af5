/**
 * The headers of responses, described once each and referred to.
 *
 * @module
 */
import type { Declared } from '../declared.ts';
import type { VersionDescription } from '../versions/open-versions.ts';
import type { Header, JsonSchema, OpenApiResponse } from './document.ts';

const text: JsonSchema = { type: 'string' };
const count: JsonSchema = { type: 'integer', minimum: 0 };

/** Every header a response may have, by the name it has on the wire. */
const knownHeaders: Readonly<Record<string, Header>> = {
  'API-Version': {
    description: 'The dated version that answered.',
    schema: { type: 'string', format: 'date' },
  },
  Age: { description: 'Seconds since a kept answer was made; absent on a new one.', schema: count },
  'Bff-Degraded': { description: 'The optional parts that are missing or stand in.', schema: text },
  'Cache-Control': { description: 'Who may keep the answer, and for how long.', schema: text },
  'Cache-Status': {
    description: 'Whether the answer was kept, and how long it stays fresh (RFC 9211).',
    schema: text,
  },
  Deprecation: {
    description: 'Since when nobody should begin with this version: `@` and the epoch second (RFC 9745).',
    schema: { type: 'string', pattern: '^@\\d+$' },
  },
  ETag: { description: 'Names this answer; send it back in `If-None-Match`.', schema: text },
  'Idempotency-Replayed': {
    description: '`true` on the kept answer to an earlier request with the same key.',
    schema: { type: 'string', const: 'true' },
  },
  Link: { description: 'The pages that explain how this version ends (RFC 8288).', schema: text },
  'Proxy-Status': { description: 'Which part failed, and how (RFC 9209).', schema: text },
  RateLimit: {
    description: 'What is left of each limit now, and in how many seconds it is back (IETF draft).',
    schema: text,
  },
  'RateLimit-Policy': { description: 'The limits: how much in how many seconds (IETF draft).', schema: text },
  'Retry-After': {
    description: 'Seconds to wait before trying again.',
    schema: { type: 'integer', minimum: 1 },
  },
  Sunset: { description: 'When this version ends: from then on it is 410 (RFC 8594).', schema: text },
  'WWW-Authenticate': { description: 'Which credentials are taken here.', schema: text },
  'X-RateLimit-Limit': { description: 'Requests the tightest limit allows.', schema: count },
  'X-RateLimit-Remaining': { description: 'What is left of it.', schema: count },
  'X-RateLimit-Reset': { description: 'Epoch second at which all of it is back.', schema: count },
  'X-Request-Id': {
    description: 'Names this request in the logs. Say it when you ask for help.',
    schema: text,
  },
};

/** The headers of limited answers, in the dialect of the BFF. */
export function limitHeaderNames({
  limits,
  plans = {},
  rateLimitHeaders = 'both',
}: Declared['limits']): string[] {
  const all = [...Object.values(plans), limits ?? []].flat();
  const isCounted = limits === undefined || all.some(({ kind }) => kind !== 'concurrency');
  if (!isCounted || rateLimitHeaders === 'none') return [];
  return [
    ...(rateLimitHeaders === 'draft'
      ? []
      : ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']),
    ...(rateLimitHeaders === 'legacy' ? [] : ['RateLimit-Policy', 'RateLimit']),
  ];
}

/** The headers that say which version answered, and whether it will end. */
export function versionHeaderNames(version: VersionDescription | undefined): string[] {
  if (version === undefined) return [];
  const isDeprecated = version.deprecatedAt !== undefined;
  return [
    'API-Version',
    ...(isDeprecated ? ['Deprecation', 'Link'] : []),
    ...(version.sunsetAt === undefined ? [] : ['Sunset']),
  ];
}

/** The headers that responses refer to, for `components`. */
export function headerComponents(responses: readonly OpenApiResponse[]): Record<string, Header> {
  const used = new Set(responses.flatMap(({ headers = {} }) => Object.keys(headers)));
  return Object.fromEntries([...used].sort().map((name) => [name, headerOf(name)]));
}

function headerOf(name: string): Header {
  return knownHeaders[name] ?? { description: 'As a service behind says it.', schema: text };
}

/** Refers to headers by their names. */
export function headersOf(names: readonly string[]): NonNullable<OpenApiResponse['headers']> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
