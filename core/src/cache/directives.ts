/**
 * What a service says about keeping its answer. A shorter time than declared wins, a prohibition always
 * does; nothing a service says makes an answer live longer than declared.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2 RFC 9111, section 5.2.2}
 * @module
 */
import type { CachePolicy } from './cache-options.ts';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  /** By lowercase name. */
  header(name: string): string | undefined;
}

/** How an answer may be kept, in milliseconds from the moment it was asked for. */
export interface Terms {
  /** False: it is for the one who asked. */
  readonly isStorable: boolean;
  readonly freshMs: number;
  readonly swrMs: number;
  readonly staleIfErrorMs: number;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** The terms of `policy`, shortened by what `head` says. */
export function termsOf(policy: CachePolicy, head: AnswerHead): Terms {
  const says = directivesOf(head.header('cache-control') ?? '');
  const isPublic = policy.scope === 'public';
  const mayStore =
    (head.status === 200 || head.status === 304) &&
    !says.has('no-store') &&
    !(isPublic && says.has('private')) &&
    head.header('set-cookie') === undefined &&
    !(head.header('vary') ?? '').includes('*');
  const ageMs = msOf(head.header('age') ?? '0');
  const limitMs = msOf((isPublic ? says.get('s-maxage') : undefined) ?? says.get('max-age'));
  const freshMs = Math.max(0, Math.min(policy.ttlMs, limitMs - ageMs));
  const isStrict =
    says.has('no-cache') || says.has('must-revalidate') || (isPublic && says.has('proxy-revalidate'));
  return {
    isStorable: mayStore,
    freshMs: says.has('no-cache') ? 0 : freshMs,
    swrMs: isStrict ? 0 : Math.min(policy.swrMs, msOf(says.get('stale-while-revalidate'))),
    staleIfErrorMs: isStrict ? 0 : Math.min(policy.staleIfErrorMs, msOf(says.get('stale-if-error'))),
    etag: head.header('etag'),
    lastModified: head.header('last-modified'),
  };
}

/** The directives by lowercase name; of one that comes twice the smaller. `no-cache="field"` counts as `no-cache`. */
function directivesOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(/([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,;]*)))?/g)) {
    const key = name.toLowerCase();
    const value = quoted ?? plain ?? '';
    const known = found.get(key);
    found.set(key, known === undefined || msOf(value) < msOf(known) ? value : known);
  }
  return found;
}

/** Seconds as text, in milliseconds: infinite when nothing is said, 0 when it cannot be understood. */
function msOf(seconds: string | undefined): number {
  if (seconds === undefined) return Number.POSITIVE_INFINITY;
  return /^\d{1,10}$/.test(seconds) ? Number(seconds) * 1_000 : 0;
}
