#!/usr/bin/env node
/**
 * The `bffkit` command: looks at BFFs without running them, and makes new ones.
 *
 * @module
 */
import { fieldsCommand } from './fields.ts';
import { graphCommand } from './graph.ts';
import { limitsCommand } from './limits.ts';
import { newCommand } from './new.ts';
import { UsageError } from './usage-error.ts';

const help = `bffkit: look at the BFFs of this repository, or make a new one

  bffkit graph [BFF] [--json]       endpoints, their calls, what waits for what
  bffkit fields [FILTER] [--json]   which endpoint reads which field; FILTER is an upstream
                                    (orders) or a field of it (orders.total)
  bffkit limits simulate ACCESS_LOG --policy FILE [--json]
                                    who would have been refused, when, and the headroom; FILE is a
                                    module that exports limits and plans as defineBff takes them
  bffkit new bff NAME               a new BFF in bffs/NAME
  bffkit new endpoint BFF NAME      a new endpoint file with its test

A BFF is a folder bffs/NAME with src/app.ts (createBff) and src/config.ts (readConfig).
`;

type Command = (parameters: readonly string[]) => Promise<string> | string;

const commands: Readonly<Record<string, Command>> = {
  graph: graphCommand,
  fields: fieldsCommand,
  limits: limitsCommand,
  new: newCommand,
  help: () => help,
  '--help': () => help,
};

async function main([name = 'help', ...parameters]: readonly string[]): Promise<void> {
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(`unknown command '${name}'`);
    process.stdout.write(await command(parameters));
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof RangeError;
    const text = isUsage
      ? `bffkit: ${error.message}\n\n${help}`
      : `${error instanceof Error ? error.stack : String(error)}\n`;
    process.stderr.write(text);
    process.exitCode = isUsage ? 2 : 1;
  }
}

await main(process.argv.slice(2));
