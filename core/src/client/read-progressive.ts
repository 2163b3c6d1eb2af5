/**
 * Reads a progressive answer: the required part at once, then every optional part as it comes, until the
 * value is the one that a plain answer would have been. For browsers and Node; it needs nothing else.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6902 RFC 6902}, JSON Patch: `add`, `remove` and `replace` of it
 * @module
 */

// Until core/package.json exports ./index.ts as `bffkit/client`.

/** What to send as `Accept`. A server that does not know it, or has nothing to wait for, answers with one body. */
export const acceptProgressive = 'application/x-ndjson, application/json;q=0.9';

/** A finished answer. */
export interface ProgressiveAnswer<Value> {
  readonly value: Value;
  /** What a plain answer has in its headers, such as `bff-degraded`, by lowercase name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Called with the value so far, and the names of the parts that are still missing. */
export type OnUpdate<Value> = (value: Value, pending: readonly string[]) => void;

/** The answer broke off or ended in a problem; what had come until then stays good. */
export class ProgressiveFailure extends Error {
  override readonly name = 'ProgressiveFailure';
  /** The problem document (RFC 9457); absent when the connection broke. */
  readonly problem: Readonly<Record<string, unknown>> | undefined;

  constructor(message: string, problem?: Readonly<Record<string, unknown>>) {
    super(message);
    this.problem = problem;
  }
}

interface Line {
  readonly value?: unknown;
  readonly patch?: readonly Step[];
  readonly pending?: readonly string[];
  readonly done?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly problem?: Readonly<Record<string, unknown>>;
}

interface Step {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

/**
 * Reads `response` to its end. Values are never changed in place: parts that stayed the same are the same
 * objects in the next value.
 *
 * @param onUpdate Called for every new state, the last one included; also for a plain answer, once.
 * @throws {ProgressiveFailure} when the answer is a problem, ends in one, or breaks off.
 */
export async function readProgressive<Value = unknown>(
  response: Response,
  onUpdate: OnUpdate<Value> = () => {},
): Promise<ProgressiveAnswer<Value>> {
  if (!response.ok) throw failureOf(response.status, await response.json().catch(() => undefined));
  const isLines = response.headers.get('content-type')?.startsWith('application/x-ndjson') ?? false;
  if (!isLines || response.body === null) {
    const value = (await response.json()) as Value;
    onUpdate(value, []);
    return { value, headers: Object.fromEntries(response.headers) };
  }
  let value: unknown;
  for await (const text of linesOf(response.body)) {
    const line = JSON.parse(text) as Line;
    if (line.problem !== undefined) throw failureOf(response.status, line.problem);
    value = line.patch === undefined ? line.value : applyPatch(value, line.patch);
    onUpdate(value as Value, line.pending ?? []);
    if (line.done === true) {
      return {
        value: value as Value,
        headers: { ...Object.fromEntries(response.headers), ...line.headers },
      };
    }
  }
  throw new ProgressiveFailure('The answer broke off.');
}

function failureOf(status: number, problem: unknown): ProgressiveFailure {
  const known = typeof problem === 'object' && problem !== null ? { ...problem } : undefined;
  return new ProgressiveFailure(`The answer is a problem (${status}).`, known);
}

/** The lines of a body. Whoever stops reading cancels it. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The value after a patch; `value` stays as it is. */
export function applyPatch(value: unknown, steps: readonly Step[]): unknown {
  let patched = value;
  for (const step of steps) {
    const [, ...keys] = step.path.split('/');
    patched = changed(
      patched,
      keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')),
      step,
    );
  }
  return patched;
}

function changed(value: unknown, [key, ...rest]: readonly string[], step: Step): unknown {
  if (key === undefined) return step.value;
  const removes = rest.length === 0 && step.op === 'remove';
  if (Array.isArray(value)) {
    const items = [...value];
    const index = key === '-' ? items.length : Number(key);
    if (removes) items.splice(index, 1);
    else if (rest.length === 0 && step.op === 'add') items.splice(index, 0, step.value);
    else items[index] = changed(items[index], rest, step);
    return items;
  }
  // Entries and not assignment: a member `__proto__` is a member like any other.
  const members = new Map(Object.entries(value as object));
  if (removes) members.delete(key);
  else members.set(key, changed(members.get(key), rest, step));
  return Object.fromEntries(members);
}
