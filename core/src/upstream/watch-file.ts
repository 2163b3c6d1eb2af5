/**
 * A small text file that may change while the process runs. Its folder is watched, because editors
 * and Kubernetes replace files instead of writing into them; and it is looked at every few seconds,
 * because watching does not work on every file system.
 *
 * @module
 */
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { CancelTimer, Clock } from '../context/clock.ts';

/** The file system, as far as it is needed. */
export interface FileAccess {
  /** A text that differs when the file was written or replaced. */
  stamp(path: string): Promise<string>;
  /** @throws {RangeError} (as a rejection) when the file has more than 1 MiB. */
  read(path: string): Promise<string>;
  /** Calls `onEvent` for any change in the folder of `path`; returns how to stop. */
  watch(path: string, onEvent: () => void, onError: (error: Error) => void): () => void;
}

export interface WatchFileParts {
  readonly files: FileAccess;
  readonly clock: Clock;
  /** Milliseconds between looks. */
  readonly pollMs: number;
  /** Gets the text at first and whenever it changed. What it throws is a problem. */
  readonly onText: (text: string) => void;
  /** Hears of a file that cannot be read or is refused, once per change of it. Must not throw. */
  readonly onProblem: (error: Error) => void;
}

export interface FileWatch {
  /** Resolves after the first look, whatever it found. */
  readonly ready: Promise<void>;
  /** Ends the watch: no timer, watcher or callback is left. */
  stop(): void;
}

const maxFileBytes = 1_024 * 1_024;
/** Writers truncate, write and rename within moments: look after the last of it. */
const settleMs = 50;
/** What Kubernetes replaces when a mounted ConfigMap changes; the files are links into it. */
const kubernetesLink = '..data';

/** Watches one file. */
export function watchFile(path: string, parts: WatchFileParts): FileWatch {
  const watching = new WatchedFile(path, parts);
  return { ready: watching.start(), stop: () => watching.stop() };
}

class WatchedFile {
  readonly #path: string;
  readonly #parts: WatchFileParts;
  #stopWatching: (() => void) | undefined;
  #stopTimer: CancelTimer | undefined;
  #stamp: string | undefined;
  #text: string | undefined;
  #isLooking = false;
  /** An event came: look soon, and inside, whatever the stamp says. */
  #isAlarmed = false;
  #isStopped = false;

  constructor(path: string, parts: WatchFileParts) {
    this.#path = path;
    this.#parts = parts;
  }

  start(): Promise<void> {
    const { files, onProblem } = this.#parts;
    try {
      this.#stopWatching = files.watch(
        this.#path,
        () => this.#onEvent(),
        (error) => {
          if (!this.#isStopped) onProblem(error); // looking goes on
        },
      );
    } catch (error) {
      onProblem(errorOf(error));
    }
    return this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
    this.#stopWatching?.();
  }

  #onEvent(): void {
    if (this.#isStopped || this.#isAlarmed) return; // one look for a burst; a busy folder cannot put it off
    this.#isAlarmed = true;
    if (!this.#isLooking) this.#lookIn(settleMs);
  }

  #lookIn(delayMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#parts.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const mustRead = this.#isAlarmed;
    this.#isAlarmed = false;
    this.#isLooking = true;
    try {
      await this.#readIfChanged(mustRead);
    } catch (error) {
      if (!this.#isStopped) this.#parts.onProblem(errorOf(error));
    }
    this.#isLooking = false;
    if (!this.#isStopped) this.#lookIn(this.#isAlarmed ? settleMs : this.#parts.pollMs);
  }

  async #readIfChanged(mustRead: boolean): Promise<void> {
    const { files, onText } = this.#parts;
    const before = this.#stamp;
    try {
      this.#stamp = await files.stamp(this.#path);
    } catch (error) {
      this.#stamp = `failed: ${errorOf(error).message}`;
      if (this.#stamp !== before) throw error;
      return;
    }
    if (this.#isStopped || (this.#stamp === before && !mustRead)) return;
    const text = await files.read(this.#path);
    if (this.#isStopped || text === this.#text) return;
    this.#text = text;
    onText(text);
  }
}

/** The file system of the machine. */
export const nodeFiles: FileAccess = {
  async stamp(path) {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  },
  async read(path) {
    const { size } = await stat(path);
    if (size > maxFileBytes)
      throw new RangeError(`${path} must have at most ${maxFileBytes} bytes, got ${size}`);
    return readFile(path, 'utf8');
  },
  watch(path, onEvent, onError) {
    const name = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name || changed === kubernetesLink) onEvent();
    });
    watcher.on('error', (error) => {
      watcher.close();
      onError(error);
    });
    return () => watcher.close();
  },
};

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
