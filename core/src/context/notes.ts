/**
 * What a request gathers by name on its way. Most requests gather nothing, so there is no table until there is
 * something to put into it.
 *
 * @module
 */

/** Values by name, in the order in which the names came; a name that comes again keeps its place. */
export class Notes<Value> implements Iterable<readonly [string, Value]> {
  #map: Map<string, Value> | undefined;

  get size(): number {
    return this.#map === undefined ? 0 : this.#map.size;
  }

  get(name: string): Value | undefined {
    return this.#map?.get(name);
  }

  set(name: string, value: Value): void {
    this.#map ??= new Map();
    this.#map.set(name, value);
  }

  /** The names. Frozen when there are none. */
  names(): readonly string[] {
    return this.#map === undefined ? nothing : [...this.#map.keys()];
  }

  [Symbol.iterator](): Iterator<readonly [string, Value]> {
    return (this.#map ?? nothing)[Symbol.iterator]();
  }
}

const nothing: readonly never[] = Object.freeze([]);
