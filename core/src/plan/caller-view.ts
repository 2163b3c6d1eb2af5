/**
 * What the functions of a plan see of the caller. Where an answer is made for everybody they see nobody, and
 * reading `principal` says why: a value of one caller could not get into the answer of another.
 *
 * @module
 */

/** A scope whose `principal` cannot be read. `where` names what is public. */
export function withoutCaller(where: string): object {
  return Object.freeze({
    get principal(): never {
      throw new TypeError(
        `${where} is cached for everybody (scope 'public'), so its functions cannot read 'principal'; take what ` +
          "they need as input, or declare scope 'principal'",
      );
    },
  });
}
