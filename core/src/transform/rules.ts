/**
 * The four words of a transform, for whatever has names and values: `remove`, `rename`, `replace` what is
 * there, `add` what is not. They run in this order, as in Kong. What contradicts itself does not boot.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';

export interface Rules<Value> {
  /** Names to leave out. */
  readonly remove?: readonly string[];
  /** New names by old ones. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Values for names that are there. */
  readonly replace?: Readonly<Record<string, Value>>;
  /** Values for names that are not. */
  readonly add?: Readonly<Record<string, Value>>;
}

/** Rules as checked data. */
export interface CheckedRules<Value> {
  readonly remove: readonly string[];
  readonly rename: readonly (readonly [from: string, to: string])[];
  readonly replace: readonly (readonly [name: string, value: Value])[];
  readonly add: readonly (readonly [name: string, value: Value])[];
}

const words = ['remove', 'rename', 'replace', 'add'];

/**
 * @param where Names the rules in errors, such as `transform.request.headers`.
 * @throws {RangeError} for an unknown word, and for a name that two rules speak of.
 */
export function checkRules<Value>(where: string, rules: Rules<Value>): CheckedRules<Value> {
  requireKnown(where, rules, words);
  const checked: CheckedRules<Value> = {
    remove: rules.remove ?? [],
    rename: Object.entries(rules.rename ?? {}),
    replace: Object.entries(rules.replace ?? {}),
    add: Object.entries(rules.add ?? {}),
  };
  const spoken = new Map<string, string>();
  const speak = (word: string, name: string): void => {
    const other = spoken.get(name);
    // What is replaced where it is there may be added where it is not.
    const isUpsert = word === 'add' && other === 'replace';
    if (other !== undefined && !isUpsert) {
      throw new RangeError(
        other === word
          ? `${where}: ${word} names '${name}' twice`
          : `${where}: both ${other} and ${word} speak of '${name}'`,
      );
    }
    spoken.set(name, word);
  };
  for (const name of checked.remove) speak('remove', name);
  for (const [from] of checked.rename) speak('rename', from);
  for (const [, to] of checked.rename) speak('rename', to);
  for (const [name] of checked.replace) speak('replace', name);
  for (const [name] of checked.add) speak('add', name);
  return checked;
}
