/**
 * `npm run mocks`: starts the services on their usual ports, until Ctrl-C.
 *
 * @module
 */
import { parseArgs } from 'node:util';
import { LISTENER_NAMES } from './directory.ts';
import { FaultError } from './fault-units.ts';
import { type Services, startServices } from './start-services.ts';

const HELP = `Starts the eight services of the shop, their control API and the development identity issuer.

  npm run mocks -- [--fault SERVICE=FAULT]...

  --fault   makes a service misbehave from the start; may be given several times
  --help    shows this text

A fault is mode[:argument][@rate]:
  latency:300ms  latency:100ms-800ms  latency:p50=20ms,p99=900ms  status:503  content-type:text/html
  hang  hang-body  reset  reset-body  malformed  huge:50MB
For example: --fault orders=latency:300ms --fault reviews=status:503@30%

Ports: USERS_PORT, CATALOG_PORT, ... CONTROL_PORT and ISSUER_PORT override the usual 4100 to 4110.
`;

/** Starts what the arguments ask for, and says so. */
async function main(): Promise<void> {
  const { help, fault } = parseArgs({
    options: { fault: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean' } },
  }).values;
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const services = await startServices({ faults: fault });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void services.close());
  }
  process.stdout.write(welcome(services));
}

function welcome({ urls }: Services): string {
  const width = Math.max(...LISTENER_NAMES.map(({ length }) => length));
  return [
    ...LISTENER_NAMES.map((name) => `  ${name.padEnd(width)}  ${urls[name]}`),
    '',
    'Try',
    `  curl '${urls.orders}/orders?customer=usr_0001&limit=2'`,
    `  curl -X PUT ${urls.control}/faults -d '{"reviews":["status:503@30%"]}'`,
    `  curl ${urls.issuer}/token -d 'grant_type=password&username=ada&password=ada&client_id=shop-mobile'`,
    '',
    'Ctrl-C stops them.',
    '',
  ].join('\n');
}

/** Wrong arguments end with 2, everything else that keeps the services from starting with 1. */
function exitCodeOf(error: unknown): number {
  const isUsage =
    error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  return isUsage || error instanceof FaultError ? 2 : 1;
}

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split('\n')[0]}\n`);
  process.exitCode = exitCodeOf(error);
}
