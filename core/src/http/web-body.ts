/**
 * A body on its way as a web stream, for the way through Hono.
 *
 * @module
 */
import type { StreamedBody } from './answer.ts';

/** Nothing is read before somebody pulls. */
export function webBody({ source, cuts }: StreamedBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        // Where the connection is cut, an error would come second: servers make an answer of one that comes early.
        if (cuts) return;
        source.onOver(({ failure, isTold }) => {
          if (failure !== undefined && isTold !== true) controller.error(failure);
        });
      },
      async pull(controller) {
        const step = await source.next().catch(() => undefined);
        if (step === undefined) return; // it broke off, and that was said
        if (step.done === true) controller.close();
        else controller.enqueue(step.value as Uint8Array<ArrayBuffer>);
      },
      async cancel() {
        await source.return();
      },
    },
    { highWaterMark: 0 },
  );
}
