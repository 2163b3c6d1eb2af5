/**
 * A file of records that this process and others read and change: changes of one process are written
 * together, those of several one after another.
 *
 * @module
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CancelTimer, Clock } from '../context/clock.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { Draft, type FileDocument, readDocument, textOf } from './file-document.ts';
import { withLock } from './file-lock.ts';
import { replaceFile } from './replace-file.ts';
import { Subscribers } from './subscribers.ts';

/** A change that waits to be written. */
interface Waiting {
  apply(draft: Draft): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** All of it is read and written at once. */
const maxFileBytes = 16 * 1_024 * 1_024;
/** While somebody listens, the file is looked at this often. */
const lookMs = 200;
/** Two writes within a tick of the file system's clock may look the same: a file this new is read again. */
const settledMs = 100;
const retryAfterMs = 1_000;

export class RecordFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #subscribers = new Subscribers();
  #document: FileDocument = { published: 0, records: new Map() };
  /** The file was there: when it is gone, so are the records, and nobody may take that for an answer. */
  #wasThere: boolean;
  /** How the file looked, since when, and whether what was read then still holds when it looks so. */
  #stamp = '';
  #sinceMs = 0;
  #isSettled = false;
  /** Messages that were published up to the last one that was heard here. */
  #heard: number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #stopLooking: CancelTimer | undefined;

  /** @throws {RangeError} when the file cannot be read, is not one of records, or cannot be created. */
  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
    const text = textAtStart(path);
    this.#wasThere = text !== undefined;
    this.#heard = text === undefined ? 0 : readDocument(path, text).published;
  }

  async read(): Promise<Draft> {
    try {
      return new Draft(await this.#load(), this.#clock.wallMs());
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  /** Answers what `change` returns, once that is on the disk. */
  change<T>(change: (draft: Draft) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let answer: (() => void) | undefined;
      this.#waiting.push({
        apply(draft) {
          const value = change(draft);
          answer = () => resolve(value);
        },
        resolve: () => answer?.(),
        reject,
      });
      this.#writing ??= this.#writeAll();
    });
  }

  async publish(channel: string, message: string): Promise<void> {
    const hasMissed = await this.change((draft) => {
      const missed = draft.published > this.#heard;
      draft.publish();
      this.#heard = draft.published;
      return missed;
    });
    if (hasMissed) this.#subscribers.gap();
    this.#subscribers.deliver(channel, message);
  }

  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): () => void {
    const stop = this.#subscribers.add(channel, { onMessage, onGap });
    if (this.#stopLooking === undefined) this.#lookLater();
    return stop;
  }

  /** Resolves when what is being written is written. */
  async close(): Promise<void> {
    this.#subscribers.clear();
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    await this.#writing;
  }

  async #load(): Promise<FileDocument> {
    const nowMs = this.#clock.monotonicMs();
    const stamp = await this.#stampNow();
    if (stamp === undefined) return this.#document;
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#sinceMs = nowMs;
      this.#isSettled = false;
    }
    if (this.#isSettled) return this.#document;
    const document = readDocument(this.#path, await readFile(this.#path, 'utf8'));
    this.#document = document;
    this.#isSettled = stamp === this.#stamp && nowMs - this.#sinceMs >= settledMs;
    return document;
  }

  /** Nothing for a file that was never there. */
  async #stampNow(): Promise<string | undefined> {
    try {
      const { mtimeNs, size, ino } = await stat(this.#path, { bigint: true });
      this.#wasThere = true;
      requireSize(this.#path, Number(size));
      return `${mtimeNs} ${size} ${ino}`;
    } catch (error) {
      if (this.#wasThere || !isMissing(error)) throw error;
      return undefined;
    }
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      let together: readonly Waiting[] = [];
      const takeAll = (): void => {
        together = this.#waiting;
        this.#waiting = [];
      };
      try {
        await withLock(`${this.#path}.lock`, this.#clock, async (isHeld) => {
          takeAll(); // whatever came while the lock was waited for
          await this.#write(together, isHeld);
        });
        for (const one of together) one.resolve();
      } catch (cause) {
        if (together.length === 0) takeAll();
        this.#heard = 0; // what was published is not sure: a gap will be told
        for (const one of together) one.reject(unavailable(cause));
      }
    }
    this.#writing = undefined;
  }

  async #write(together: readonly Waiting[], isHeld: () => Promise<boolean>): Promise<void> {
    const draft = new Draft(await this.#load(), this.#clock.wallMs());
    for (const one of together) {
      try {
        one.apply(draft);
      } catch (error) {
        one.reject(error); // a mistake of its own
      }
    }
    if (!draft.isChanged) return;
    const text = textOf(draft.document());
    requireSize(this.#path, Buffer.byteLength(text));
    await replaceFile(this.#path, text, isHeld);
    this.#wasThere = true;
  }

  #lookLater(): void {
    this.#stopLooking = this.#clock.after(lookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { published } = await this.#load().catch(() => ({ published: 0 })); // who reads or writes is told
    if (this.#stopLooking === undefined) return; // closed meanwhile
    if (published > this.#heard) {
      this.#heard = published;
      this.#subscribers.gap();
    }
    this.#stopLooking = undefined;
    if (this.#subscribers.channels.length > 0) this.#lookLater();
  }
}

function textAtStart(path: string): string | undefined {
  try {
    accessSync(dirname(path), constants.W_OK);
    const text = readFileSync(path, 'utf8');
    requireSize(path, Buffer.byteLength(text));
    return text;
  } catch (cause) {
    if (isMissing(cause) && isFolder(dirname(path))) return undefined;
    throw new RangeError(`fileRecords: path must be a file that can be read and replaced, got '${path}'`, {
      cause,
    });
  }
}

function isFolder(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function requireSize(path: string, size: number): void {
  if (size > maxFileBytes) {
    throw new RangeError(`fileRecords: ${path} must have at most ${maxFileBytes} bytes, got ${size}`);
  }
}

function unavailable(cause: unknown): GatewayError {
  const detail = 'The records cannot be read or written now.';
  return new GatewayError('dependency-unavailable', { detail, retryAfterMs, cause });
}
