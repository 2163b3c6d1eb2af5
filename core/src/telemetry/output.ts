/**
 * Where bytes of a log go.
 *
 * @module
 */
import { writeSync, writev } from 'node:fs';

/** What is needed of a descriptor. */
export interface Output {
  /** Writes the beginning of it all, in a thread of the system's. */
  write(
    parts: readonly Uint8Array[],
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void;
  /** @throws {NodeJS.ErrnoException} */
  writeNow(bytes: Uint8Array): number;
}

/** A descriptor, such as 1 for standard output. */
export function descriptor(fd: number): Output {
  return {
    write: (parts, done) => writev(fd, parts, done),
    writeNow: (bytes) => writeSync(fd, bytes),
  };
}
