/**
 * Answers whose body is still on its way. Nothing is read from the service before the client takes it,
 * and a body that breaks off takes the connection with it: it never looks whole.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-8 RFC 9112, section 8}, incomplete messages
 * @module
 */
import type { ServerResponse } from 'node:http';
import type { Inbound } from '../context/inbound.ts';
import type { Answer, AnswerStream, FinishedAnswer } from './answer.ts';
import { joinVary } from './security-headers.ts';

/** Takes the stream of an answer over. @param common The headers every answer has; those of `answer` win. */
export function finishStream(
  answer: Omit<Answer, 'body'>,
  stream: AnswerStream,
  { inbound, common }: { readonly inbound: Inbound; readonly common: Readonly<Record<string, string>> },
): FinishedAnswer {
  const { status, cookies = [] } = answer;
  const headers: Record<string, string> = { ...common, ...answer.headers };
  const vary = joinVary(common.vary, answer.headers.vary);
  if (vary !== '') headers.vary = vary;
  stream.onOver(({ failure, isTold }) => {
    if (failure !== undefined && isTold !== true) inbound.abandon?.();
  });
  const hasBody = inbound.method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304;
  const finished = { status, headers, cookies, body: null, bytes: 0 };
  if (hasBody) return { ...finished, stream: { source: stream, cuts: inbound.abandon !== undefined } };
  void drain(stream);
  return finished;
}

/** Sends a body over Node's own answer, as fast as it is taken. Its head was written. Never rejects. */
export async function sendStream(source: AnswerStream, outgoing: ServerResponse): Promise<void> {
  try {
    for await (const chunk of source) {
      if (!outgoing.write(chunk)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    // The connection was cut when it broke off.
  }
}

/** Waits until there is room again, or nobody to write to: then the stream was ended, and says so. */
async function drained(outgoing: ServerResponse): Promise<void> {
  if (outgoing.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.once('drain', resolve).once('close', resolve);
  try {
    await promise;
  } finally {
    outgoing.off('drain', resolve).off('close', resolve);
  }
}

/** An answer without a body ends as soon as somebody looks. */
async function drain(stream: AnswerStream): Promise<void> {
  try {
    for await (const _ of stream);
  } catch {
    // Its head was sent, and that was all there was to send.
  }
}
