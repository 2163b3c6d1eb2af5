/**
 * What is different between two documents, as whoever reviews it reads it.
 *
 * @module
 */

/** One difference. */
export interface ApiChange {
  /** Such as `GET /v1/orders/{id}`. */
  readonly operation: string;
  /** Where in it, such as `body lines[].sku`; empty for the operation as a whole. */
  readonly place: string;
  /** What became of it, such as `is required now`. */
  readonly what: string;
  /** Whether a client that worked may fail. */
  readonly isBreaking: boolean;
}

/** Collects the differences of one operation. */
export interface Notes {
  breaking(place: string, what: string): void;
  additive(place: string, what: string): void;
}

/** The differences of `operation` go to `list`. */
export function notesFor(operation: string, list: ApiChange[]): Notes {
  return {
    breaking: (place, what) => void list.push({ operation, place, what, isBreaking: true }),
    additive: (place, what) => void list.push({ operation, place, what, isBreaking: false }),
  };
}
