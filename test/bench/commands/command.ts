/**
 * A command of the benchmark: `npm run bench -- <name> <flags>`.
 *
 * @module
 */
import type { Flag, GivenFlags } from './flags.ts';

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly Flag[];
  run(flags: GivenFlags): Promise<void>;
}
