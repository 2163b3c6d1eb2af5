import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { answerPrimary } from './answer-primary.ts';
import { type AskWorker, askWorker } from './ask-worker.ts';
import type { AdminRequest } from './messages.ts';

const asked = (target: string, more: Partial<AdminRequest> = {}): AdminRequest => ({
  method: 'GET',
  target,
  headers: { host: '127.0.0.1:1' },
  body: undefined,
  ...more,
});

/** Both ends in one process; messages are copied as the channel copies them. */
function bridged(app: Hono): AskWorker {
  const worker = answerPrimary(app.fetch, (part) => {
    const copy = structuredClone(part);
    queueMicrotask(() => primary.receive(copy));
  });
  const primary = askWorker((message) => {
    const copy = structuredClone(message);
    queueMicrotask(() => worker.receive(copy));
  });
  return primary;
}

test('status, headers and body come through, both ways', async () => {
  const app = new Hono();
  app.put('/keys/:id', async (c) =>
    c.text(
      `${c.req.param('id')} ${c.req.query('a')} ${c.req.header('bff-actor')} ${await c.req.text()}`,
      201,
      {
        'x-page': 'yes',
      },
    ),
  );
  const request = asked('/keys/1?a=b', {
    method: 'PUT',
    headers: { host: 'localhost', 'bff-actor': 'ada', 'content-length': '2' },
    body: new TextEncoder().encode('hi'),
  });
  const answer = await bridged(app).ask(request, 1_000);
  expect([answer.status, answer.headers.get('x-page'), await answer.text()]).toEqual([
    201,
    'yes',
    '1 b ada hi',
  ]);
});

test('an answer without a body ends with its head', async () => {
  const app = new Hono();
  app.get('/nothing', (c) => c.body(null, 204));
  const bridge = bridged(app);
  for (let turn = 0; turn < 100; turn += 1) {
    expect((await bridge.ask(asked('/nothing'), 1_000)).body).toBeNull();
  }
});

test('a page may stream: parts come as they are read, and no faster', async () => {
  let made = 0;
  const app = new Hono();
  app.get('/events', () => {
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      made += 1;
      controller.enqueue(new TextEncoder().encode(`event ${made}\n`));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  });
  const answer = await bridged(app).ask(asked('/events'), 1_000);
  const reader = answer.body?.getReader();
  expect(made).toBe(0);
  for (const event of [1, 2, 3]) {
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe(`event ${event}\n`);
  }
  expect(made).toBe(3);
});

test('a reader that leaves ends the page at its worker', async () => {
  const left = vi.fn();
  const app = new Hono();
  app.get('/events', () => new Response(new ReadableStream({ cancel: left })));
  const answer = await bridged(app).ask(asked('/events'), 1_000);
  const reader = answer.body?.getReader();
  void reader?.read();
  await reader?.cancel();
  await vi.waitFor(() => expect(left).toHaveBeenCalled());
});

test('a page that breaks off breaks off here, too', async () => {
  const app = new Hono();
  app.get('/half', () => {
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      controller.enqueue(new Uint8Array([1]));
    };
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>): void =>
      controller.error(new Error('broken'));
    return new Response(new ReadableStream({ start, pull }));
  });
  const answer = await bridged(app).ask(asked('/half'), 1_000);
  await expect(answer.text()).rejects.toThrow('it broke off');
});

test('a silent worker is waited for no longer than was said, and told to stop', async () => {
  const seen: string[] = [];
  const bridge = askWorker(({ kind }) => void seen.push(kind));
  await expect(bridge.ask(asked('/x'), 5)).rejects.toThrow('no answer within 5 ms');
  expect(seen).toEqual(['ask', 'cancel']);
});

test('when the worker is gone, nobody waits for it', async () => {
  const bridge = askWorker(() => {});
  const answer = bridge.ask(asked('/x'), 60_000);
  bridge.end();
  await expect(answer).rejects.toThrow('it is gone');
});

test('only so many answers are open at once', async () => {
  const bridge = askWorker(() => {});
  const open = Array.from({ length: 64 }, () => bridge.ask(asked('/x'), 60_000).catch(() => 'ended'));
  await expect(bridge.ask(asked('/x'), 60_000)).rejects.toThrow('64 answers are open');
  bridge.end();
  expect(await Promise.all(open)).toEqual(Array(64).fill('ended'));
});
