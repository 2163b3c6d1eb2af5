/**
 * Frames of server-sent events: taken off a stream as they are, and made.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html HTML, server-sent events}
 * @module
 */

const maxFrame = 16 * 1024 ** 2;

/** The frames of a body, each with the empty line behind it. */
export async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    let end = text.indexOf('\n\n');
    while (end >= 0) {
      yield text.slice(0, end + 2);
      text = text.slice(end + 2);
      end = text.indexOf('\n\n');
    }
    if (text.length > maxFrame) throw new RangeError('an event is too long');
  }
}

/** One event. */
export function frame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
