/**
 * `npm run mutation -- <room>…`: breaks the code of rooms of the framework in thousands of small ways, one after
 * another, and asks their own unit tests which of them they notice. Ends with 1 below the threshold.
 *
 * @see {@link https://stryker-mutator.io/docs/stryker-js/configuration/ StrykerJS, configuration}
 * @module
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reports = join(root, 'node_modules/.cache/mutation');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { concurrency: { type: 'string', default: '1' }, break: { type: 'string', default: '90' } },
});
const rooms = positionals.length > 0 ? positionals : ['ingress'];
const unknown = rooms.find((room) => !existsSync(join(root, 'core/src', room)));
if (unknown !== undefined) {
  process.stderr.write(`mutation: core/src has no ${unknown}; name rooms or files such as ingress/body.ts\n`);
  process.exit(2);
}

process.chdir(root);
for (const room of rooms) {
  const files = room.endsWith('.ts') ? room : `${room}/**/*.ts`;
  const folder = room.split('/')[0] ?? room;
  await new Stryker({
    mutate: [`core/src/${files}`, '!core/src/**/*.test.ts'],
    testRunner: 'vitest',
    plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
    vitest: {
      configFile: 'test/mutation/vitest.config.ts',
      // Only the tests beside the code count. `testFiles` would say so too, but with it Stryker 10.1 runs no test
      // for what a file does as it loads: such mutants all survive.
      dir: `core/src/${folder}`,
      related: false,
    },
    ignorePatterns: ['/*', '!/core', '!/test', '!/package.json', '!/tsconfig.json'],
    // Outside node_modules, where no TypeScript is run, and outside the tree.
    tempDirName: join(tmpdir(), 'bffkit-mutation'),
    cleanTempDir: 'always',
    concurrency: Number(values.concurrency),
    timeoutMS: 15_000,
    reporters: ['clear-text', 'html', 'json'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: join(reports, `${room.replaceAll('/', '-')}.html`) },
    jsonReporter: { fileName: join(reports, `${room.replaceAll('/', '-')}.json`) },
    thresholds: { high: 95, low: 90, break: Number(values.break) },
    allowConsoleColors: false,
  }).runMutationTest();
}
