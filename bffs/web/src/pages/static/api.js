/**
 * Talks to the BFF. Every call has the header that no form and no link of another site can send; the session
 * cookie goes along by itself and is never seen here.
 */
import { acceptProgressive, ProgressiveFailure, readProgressive } from './progressive.js';

/** What went wrong, in the terms of the screen: who is nobody, what is not there, what to try again. */
export class Failure extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? 'The shop cannot be reached.');
    this.status = status;
    this.code = problem?.code;
  }
}

/** Asks for JSON. Gives the body, and what the headers say of how it was made. */
export async function ask(path, { method = 'GET', body, signal } = {}) {
  const headers = { accept: 'application/json', 'x-csrf': '1' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const began = performance.now();
  const response = await fetch(path, {
    method,
    headers,
    signal,
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Failure(0);
  });
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new Failure(response.status, answer);
  return {
    body: answer,
    missing: response.headers.get('bff-degraded')?.split(', ') ?? [],
    calls: callsOf(response.headers.get('server-timing')),
    ms: performance.now() - began,
  };
}

/**
 * The same for a screen that is shown while it comes: `onUpdate` is called for each state of it but the last. Then
 * `pending` names the parts that are still on their way.
 */
export async function follow(path, { signal, onUpdate }) {
  const began = performance.now();
  const headers = { accept: acceptProgressive, 'x-csrf': '1' };
  try {
    const response = await fetch(path, { headers, signal });
    const answer = await readProgressive(response, (body, pending) => {
      if (pending.length > 0 && !signal.aborted) onUpdate({ body, pending, missing: [], calls: [], ms: 0 });
    });
    return {
      body: answer.value,
      pending: [],
      missing: answer.headers['bff-degraded']?.split(', ') ?? [],
      calls: callsOf(answer.headers['server-timing']),
      ms: performance.now() - began,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure(error instanceof ProgressiveFailure ? (error.problem?.status ?? 0) : 0, error.problem);
  }
}

/** Who is signed in; nobody is no failure. */
export async function whoAmI() {
  try {
    return (await ask('/bff/user')).body;
  } catch (failure) {
    if (failure.status === 401) return undefined;
    throw failure;
  }
}

/** `profile;dur=3.8;desc="users.get from 0.4 ms: ok"`, in development only. */
function callsOf(header) {
  const entry = /([\w-]+);dur=([\d.]+);desc="([^ "]+) from ([\d.]+) ms: ([\w-]+)"/g;
  return [...(header ?? '').matchAll(entry)].map(([, node, ms, operation, start, outcome]) => ({
    node,
    operation,
    outcome,
    start: Number(start),
    ms: Number(ms),
  }));
}
