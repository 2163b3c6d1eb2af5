/**
 * What a category knows about its products: the words they are named, described and reviewed with.
 *
 * @module
 */

/** One shelf of the shop. Every text is a full sentence that fits each thing on the shelf. */
export interface Category {
  /** The slug that products carry and that lists filter by. */
  readonly name: string;
  readonly path: readonly [department: string, category: string];
  readonly brands: readonly string[];
  readonly things: readonly string[];
  readonly materials: readonly string[];
  /** Completes "made for …". */
  readonly occasions: readonly string[];
  readonly features: readonly string[];
  readonly care: readonly string[];
  readonly praise: readonly string[];
  readonly complaints: readonly string[];
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly tags: readonly string[];
  readonly euros: readonly [min: number, max: number];
  readonly grams: readonly [min: number, max: number];
}
