/**
 * What is written down of a write: that somebody does it, or how it was answered. A claim is a text of its own, by
 * its token, so that only who made it can put the answer in its place.
 *
 * @module
 */

/** An answer as it is kept. */
export interface KeptAnswer {
  readonly status: number;
  /** By lowercase name; those of every answer, such as limits, are not kept. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is known of a key. */
export type Entry =
  | { readonly state: 'running'; readonly fingerprint: string }
  | { readonly state: 'done'; readonly fingerprint: string; readonly answer: KeptAnswer };

/** The text of a claim. */
export function claimText(token: string, fingerprint: string): string {
  return `running ${fingerprint} ${token}`;
}

/** The text of an answer. The body stands outside of the JSON: it may be JSON itself. */
export function doneText(fingerprint: string, { status, headers, body }: KeptAnswer): string {
  return `done ${fingerprint} ${JSON.stringify({ status, headers })}\n${body}`;
}

/** @throws {SyntaxError} for a text that is neither. */
export function readEntry(text: string): Entry {
  const [, state, fingerprint = '', rest = ''] = /^(running|done) (\S+) (.*)$/s.exec(text) ?? [];
  if (state === 'running') return { state, fingerprint };
  const end = rest.indexOf('\n');
  if (state !== 'done' || end < 0) throw new SyntaxError('not the record of a write');
  const head = JSON.parse(rest.slice(0, end)) as Omit<KeptAnswer, 'body'>;
  return { state, fingerprint, answer: { ...head, body: rest.slice(end + 1) } };
}
