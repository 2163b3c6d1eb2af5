/**
 * Sends one request exactly as it is written, follows nothing and keeps nothing of the answer but its head and, of
 * a problem, its code.
 *
 * @module
 */
import { errors, request } from 'undici';
import { CommandFailed } from './command-failed.ts';
import type { CurlRequest } from './curl-request.ts';

/** What a command hears of an answer. */
export interface Heard {
  readonly status: number;
  /** A header by its lowercase name. */
  header(name: string): string | undefined;
  /** The code of the problem that was answered. */
  readonly code: string | undefined;
}

const timeoutMs = 60_000;
const maxProblemBytes = 65_536;

/** Resolves when the whole answer is there. Rejects with a {@link CommandFailed} when there is none. */
export async function sendRequest({ method, url, headers, body }: CurlRequest): Promise<Heard> {
  try {
    const answer = await request(url, {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : [...value],
        ]),
      ),
      body: body ?? null,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const header = (name: string): string | undefined => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    };
    const isProblem = header('content-type')?.startsWith('application/problem+json') === true;
    let text = '';
    for await (const chunk of answer.body) {
      if (isProblem && text.length < maxProblemBytes) text += String(chunk);
    }
    return { status: answer.statusCode, header, code: codeIn(text) };
  } catch (error) {
    throw new CommandFailed(`no answer from ${url.origin}: ${reasonOf(error)}; is the BFF running?`);
  }
}

function codeIn(text: string): string | undefined {
  try {
    const { code } = Object(JSON.parse(text)) as { readonly code?: unknown };
    return typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.UndiciError) return error.message;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error && error.name === 'TimeoutError'
    ? 'it took more than a minute'
    : 'it broke off';
}
