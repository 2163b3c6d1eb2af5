import { expect, it } from 'vitest';
import { frame, framesOf } from './sse.ts';

const encoder = new TextEncoder();

async function readAll(body: ReadableStream<Uint8Array>): Promise<string[]> {
  const frames: string[] = [];
  for await (const text of framesOf(body)) frames.push(text);
  return frames;
}

function read(...chunks: readonly (string | Uint8Array)[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
  return readAll(body);
}

it('a frame says its event and its data on one line each', () => {
  expect(frame('dev', { text: 'two\nlines' })).toBe('event: dev\ndata: {"text":"two\\nlines"}\n\n');
});

it('frames are the same however the bytes were cut', async () => {
  const sent = [frame('bff', { name: 'wéb' }), frame('tick', { at: 1 })];
  const bytes = encoder.encode(sent.join(''));
  expect(await read(bytes)).toEqual(sent);
  expect(await read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(sent);
});

it('a frame that breaks off is not passed on', async () => {
  expect(await read(frame('bff', {}), 'event: tick\ndata: {')).toEqual([frame('bff', {})]);
});

it('an event without an end is refused before it fills the memory', async () => {
  let sent = 0;
  const chunk = new Uint8Array(4 * 1024 ** 2).fill(120);
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      controller.enqueue(chunk);
    },
  });
  await expect(readAll(endless)).rejects.toThrow(RangeError);
  expect(sent).toBeLessThan(10);
});

it('whoever stops reading lets go of the stream', async () => {
  let isLeft = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode(frame('tick', {}))),
    cancel() {
      isLeft = true;
    },
  });
  for await (const text of framesOf(body)) {
    expect(text).toBe(frame('tick', {}));
    break;
  }
  expect(isLeft).toBe(true);
});
