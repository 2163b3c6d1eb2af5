/**
 * What a file of records holds: its text, and a draft of what it will be.
 *
 * @module
 */
import * as z from 'zod';
import { type Counters, noCounters } from './counters.ts';

/** Records of a file; texts and sets are never changed in place. */
export interface FileDocument {
  /** Grows with every message that was published. */
  readonly published: number;
  readonly records: ReadonlyMap<string, FileRecord>;
}

export interface FileRecord {
  readonly held: string | readonly string[] | WrittenCounters;
  /** Epoch milliseconds; absent for what has no end. */
  readonly endsMs?: number | undefined;
}

/** Counters as lists of name and number, for a name may be any text. */
interface WrittenCounters {
  readonly counts: readonly (readonly [string, number])[];
  readonly turns: readonly (readonly [string, number])[];
}

const format = 'bffkit-records-1';

const Numbers = z.array(z.tuple([z.string(), z.int()]));

const Text = z.strictObject({
  format: z.literal(format),
  published: z.int().min(0),
  records: z.record(
    z.string(),
    z.strictObject({
      held: z.union([z.string(), z.array(z.string()), z.strictObject({ counts: Numbers, turns: Numbers })]),
      endsMs: z.number().optional(),
    }),
  ),
});

/** @throws {RangeError} for a text that is no file of records; it names the file, nothing of its content. */
export function readDocument(path: string, text: string): FileDocument {
  let found: z.infer<typeof Text>;
  try {
    found = Text.parse(JSON.parse(text));
  } catch {
    throw new RangeError(
      `fileRecords: ${path} is not a file of records (${format}); mend or move it, it is left as it is`,
    );
  }
  return { published: found.published, records: new Map(Object.entries(found.records)) };
}

export function textOf({ published, records }: FileDocument): string {
  return `${JSON.stringify({ format, published, records: Object.fromEntries(records) }, undefined, 1)}\n`;
}

/** The records as they are, or as they will be. Whatever has ended is not there. */
export class Draft {
  readonly #records: Map<string, FileRecord>;
  readonly #nowMs: number;
  #published: number;
  #isChanged = false;

  constructor({ published, records }: FileDocument, nowMs: number) {
    this.#published = published;
    this.#records = new Map(records);
    this.#nowMs = nowMs;
  }

  get published(): number {
    return this.#published;
  }

  get isChanged(): boolean {
    return this.#isChanged;
  }

  find(key: string): FileRecord | undefined {
    const record = this.#records.get(key);
    return record === undefined || this.#isOver(record) ? undefined : record;
  }

  textAt(key: string): string | undefined {
    const held = this.find(key)?.held;
    if (held === undefined || typeof held === 'string') return held;
    throw new TypeError('records: what is no text was used as one');
  }

  membersAt(key: string): readonly string[] {
    const held = this.find(key)?.held ?? [];
    if (isList(held)) return held;
    throw new TypeError('records: what is no set was used as one');
  }

  countersAt(key: string): Counters {
    const held = this.find(key)?.held;
    if (held === undefined) return noCounters;
    if (typeof held === 'object' && !isList(held)) {
      return { counts: new Map(held.counts), turns: new Map(held.turns) };
    }
    throw new TypeError('records: what are no counters was used as such');
  }

  put(key: string, record: FileRecord): void {
    this.#records.set(key, record);
    this.#isChanged = true;
  }

  /** @returns Whether it was there. */
  take(key: string): boolean {
    if (this.find(key) === undefined) return false;
    this.#isChanged = true;
    return this.#records.delete(key);
  }

  publish(): void {
    this.#published += 1;
    this.#isChanged = true;
  }

  document(): FileDocument {
    const records = new Map([...this.#records].filter(([, record]) => !this.#isOver(record)));
    return { published: this.#published, records };
  }

  #isOver({ endsMs }: FileRecord): boolean {
    return endsMs !== undefined && endsMs <= this.#nowMs;
  }
}

/** Counters as they are written. */
export function countersOut({ counts, turns }: Counters): WrittenCounters {
  return { counts: [...counts], turns: [...turns] };
}

function isList(held: FileRecord['held']): held is readonly string[] {
  return Array.isArray(held);
}
