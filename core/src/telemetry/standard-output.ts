/**
 * Standard output as a place for lines. One per process: loggers that share it never cut each other's lines, and
 * what waits is written when the process ends, by itself, by `process.exit` or by an error that nobody caught.
 *
 * @see {@link https://nodejs.org/api/process.html#event-exit Node, the event exit}
 * @module
 */
import cluster from 'node:cluster';
import { fstatSync } from 'node:fs';
import { BatchedLines } from './batched-lines.ts';
import { descriptor } from './output.ts';

const fd = 1;

/**
 * Workers share one pipe: what is longer than this may be mixed with what another one writes when the pipe is full.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/pipe.7.html pipe(7), PIPE_BUF}
 */
const atomic = { batchLength: 4_096, maxParts: 1 } as const;

let lines: BatchedLines | undefined;

export function standardOutput(): BatchedLines {
  if (lines === undefined) {
    const isPiped = isPipe();
    if (isPiped) doNotBlock();
    const opened = new BatchedLines(descriptor(fd), cluster.isWorker && isPiped ? atomic : {});
    process.on('exit', () => opened.flushNow());
    lines = opened;
  }
  return lines;
}

/**
 * Whoever asks for `process.stdout` has a pipe that says "not now" instead of holding the thread that writes. A thread
 * that is held would hold the end of the process, too.
 */
function doNotBlock(): boolean {
  return process.stdout.writable;
}

function isPipe(): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isFIFO() || stats.isSocket();
  } catch {
    return false; // closed
  }
}
