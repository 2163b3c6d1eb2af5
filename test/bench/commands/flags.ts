/**
 * Flags of a command: declared once, read strictly. What is not declared is refused with the list of
 * what is.
 *
 * @module
 */

/** A flag as declared. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** What its value is, when it has one: the values that exist. */
  readonly values?: readonly string[];
  readonly help: string;
}

/** The command line is wrong; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The flags that were given: the chosen values, empty for a flag that takes none. */
export type GivenFlags = ReadonlyMap<string, readonly string[]>;

/**
 * Reads `--flag`, `--flag value` and `--flag=value`; a value may be a list with commas.
 *
 * @throws {UsageError} for an unknown flag, an unknown value, or a value that is missing or too much.
 */
export function readFlags(args: readonly string[], flags: readonly Flag[]): GivenFlags {
  const given = new Map<string, readonly string[]>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name = '', inline] = arg.replace(/^--/, '').split('=', 2);
    const flag = arg.startsWith('--') ? flags.find((candidate) => candidate.name === name) : undefined;
    if (flag === undefined) throw new UsageError(`unknown flag '${arg}'; there is\n${describeFlags(flags)}`);
    if (flag.values === undefined) {
      if (inline !== undefined) throw new UsageError(`--${name} takes no value`);
      given.set(name, []);
    } else given.set(name, valuesOf(flag.name, flag.values, inline ?? rest.shift()));
  }
  return given;
}

function valuesOf(name: string, known: readonly string[], text: string | undefined): string[] {
  const values = text?.split(',').filter((value) => value !== '') ?? [];
  const unknown = values.find((value) => !known.includes(value));
  if (values.length > 0 && unknown === undefined) return values;
  const fault = unknown === undefined ? `--${name} needs a value` : `--${name}: there is no '${unknown}'`;
  throw new UsageError(`${fault}; there is ${known.join(', ')}`);
}

/** One line per flag. */
export function describeFlags(flags: readonly Flag[]): string {
  return flags
    .map(({ name, values, help }) => {
      const form = values === undefined ? `--${name}` : `--${name} <list>`;
      return `  ${form.padEnd(20)} ${help}${values === undefined ? '' : `: ${values.join(', ')}`}`;
    })
    .join('\n');
}
