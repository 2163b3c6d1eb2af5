/**
 * What the types of a client are called.
 *
 * @module
 */

/** Gives every name once: of two that would be one, the later gets a number. */
export class Names {
  readonly #given: Set<string>;

  /** @param taken Names that are taken. */
  constructor(taken: readonly string[]) {
    this.#given = new Set(taken);
  }

  /** A free name that can stand in TypeScript, made of `wanted`. */
  give(wanted: string): string {
    const words = wanted.split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
    const base = words.join('').replace(/^(?=\d|$)/, 'T');
    let name = base;
    for (let number = 2; this.#given.has(name); number += 1) name = `${base}${number}`;
    this.#given.add(name);
    return name;
  }
}
