/**
 * `npm run soak`: 200 000 requests with random faults. Ends with 1 when something is wrong.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { describe, violations } from './report.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '200000' },
    seed: { type: 'string', default: String(process.pid) },
  },
});
const requests = Number(values.requests);
const seed = Number(values.seed);
if (!Number.isInteger(requests) || requests < 1_000 || !Number.isInteger(seed)) {
  process.stderr.write('soak: --requests takes a number of 1000 or more, --seed a whole number\n');
  process.exit(2);
}

const report = await soak({
  requests,
  seed,
  onProgress(done, { heapBytes, sockets }) {
    process.stdout.write(
      `${done} of ${requests}: heap ${(heapBytes / 2 ** 20).toFixed(1)} MB, ${sockets} sockets\n`,
    );
  },
});
process.stdout.write(`\n${describe(report)}`);
for (const violation of violations(report)) {
  process.stdout.write(`VIOLATION  ${violation}\n`);
  process.exitCode = 1;
}
