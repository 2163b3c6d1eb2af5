/**
 * `ROOM=identity npm run mutation`: breaks the code of one room of the framework in hundreds of small ways, one
 * after another, and asks the tests beside it which of them they notice. Ends with 1 below 90 %.
 *
 * `ROOM` is a folder of core/src or one file of it (`ingress/body.ts`); default `ingress`. The report goes to
 * node_modules/.cache/mutation.
 *
 * @see {@link https://stryker-mutator.io/docs/stryker-js/configuration/ StrykerJS, configuration}
 * @module
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { ROOM = 'ingress', CONCURRENCY = '1' } = process.env;
const [folder] = ROOM.split('/');
const report = `node_modules/.cache/mutation/${ROOM.replaceAll('/', '-')}`;

export default {
  mutate: [`core/src/${ROOM.endsWith('.ts') ? ROOM : `${ROOM}/**/*.ts`}`, '!core/src/**/*.test.ts'],
  testRunner: 'vitest',
  vitest: {
    configFile: 'test/mutation/vitest.config.ts',
    // Only the tests beside the code count. Stryker's `testFiles` would say so too, but with it Stryker 10.1
    // runs no test for what a file does as it loads: all such mutants survive.
    dir: `core/src/${folder}`,
    related: false,
  },
  ignorePatterns: ['/*', '!/core', '!/test', '!/package.json', '!/tsconfig.json'],
  // Outside the tree, and outside node_modules, where Node runs no TypeScript.
  tempDirName: join(tmpdir(), 'bffkit-mutation'),
  cleanTempDir: 'always',
  concurrency: Number(CONCURRENCY),
  timeoutMS: 15_000,
  reporters: ['progress-append-only', 'clear-text', 'html', 'json'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: `${report}.html` },
  jsonReporter: { fileName: `${report}.json` },
  thresholds: { high: 95, low: 90, break: 90 },
  warnings: { slow: false },
};
