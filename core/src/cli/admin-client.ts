/**
 * The admin port of a running BFF, as commands use it.
 *
 * @module
 */
import type { ProblemDocument } from '../problem/problem.ts';
import { CommandFailed } from './command-failed.ts';
import { UsageError } from './usage-error.ts';

export interface AdminClientOptions {
  readonly fetch: typeof globalThis.fetch;
  /** Origin of the admin port. */
  readonly url: string;
  /** Who does it, for the audit. */
  readonly actor: string;
  readonly token: string | undefined;
  /** What it means when there is no such page. Default: that the BFF has no keys. */
  readonly notFound?: string;
}

/** Both reject with a {@link CommandFailed} that says why. */
export interface AdminClient {
  read(path: string): Promise<unknown>;
  send(path: string, body: object): Promise<unknown>;
}

const timeoutMs = 10_000;

/** @throws {UsageError} when the address is not one of http or https. */
export function adminClient(options: AdminClientOptions): AdminClient {
  const { url, actor, token } = options;
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new UsageError(`--admin must be an http or https address, got '${url}'`);
  }
  const { origin } = parsed;
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const headers = {
      'bff-actor': actor,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...init.headers,
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const reached = await options
      .fetch(origin + path, { ...init, headers, signal, redirect: 'error' })
      .catch((error: unknown) => {
        throw new CommandFailed(
          `no answer from ${origin}: ${reasonOf(error)}; is the BFF running? See --admin`,
        );
      });
    const answer: unknown = await reached.json().catch(() => undefined);
    if (reached.ok && answer !== undefined) return answer;
    throw new CommandFailed(refusalText(reached.status, answer, options.notFound));
  };
  return {
    read: (path) => ask(path, {}),
    send: (path, body) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}

function refusalText(status: number, answer: unknown, notFound = 'this BFF has no keys'): string {
  const { title, detail, errors = [] } = (answer ?? {}) as Partial<ProblemDocument>;
  if (status === 401) return 'the admin port asks for a token: set BFFKIT_ADMIN_TOKEN';
  const why = detail ?? title ?? (status === 404 ? notFound : 'the admin port refused');
  const issues = errors.map((issue) => `\n  ${issue.pointer.slice(1)} ${issue.detail}`);
  return `${why} (${status})${issues.join('')}`;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message;
}
