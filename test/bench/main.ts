/**
 * `npm run bench`: finds the command, reads its flags, runs it. Without a command it compares
 * gateways.
 *
 * @module
 */
import type { Command } from './commands/command.ts';
import { cost } from './commands/cost.ts';
import { curves } from './commands/curves.ts';
import { features } from './commands/features.ts';
import { describeFlags, readFlags, UsageError } from './commands/flags.ts';
import { gateways } from './commands/gateways.ts';
import { limits } from './commands/limits.ts';
import { processes } from './commands/processes.ts';

const commands: readonly Command[] = [gateways, curves, features, processes, cost, limits];

async function main(args: readonly string[]): Promise<void> {
  const [first = ''] = args;
  if (args.includes('--help')) {
    process.stdout.write(help());
    return;
  }
  const isNamed = first !== '' && !first.startsWith('-');
  const command = isNamed ? commands.find(({ name }) => name === first) : gateways;
  if (command === undefined) throw new UsageError(`there is no command '${first}'; there is\n${help()}`);
  await command.run(readFlags(isNamed ? args.slice(1) : args, command.flags));
}

function help(): string {
  const texts = commands.map(
    ({ name, summary, flags }) => `npm run bench -- ${name}\n  ${summary}\n${describeFlags(flags)}\n`,
  );
  return texts.join('\n');
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const text = error instanceof Error && !isUsage ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`bench: ${isUsage ? error.message : text}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
