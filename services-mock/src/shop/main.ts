/**
 * `npm start`: the whole shop on this machine. The services and the identity issuer run in this
 * process, every package under `bffs/` in its own, restarted when its code changes.
 *
 * @module
 */
import { SERVICE_NAMES } from '../directory.ts';
import { type Services, startServices } from '../start-services.ts';
import { writeCredentials } from './credentials.ts';
import { findGateways, type Gateway, startGateway } from './gateway.ts';
import { formatLine } from './log-line.ts';
import { describeShop } from './welcome.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const gateways: Gateway[] = [];
  let services: Services | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (exitCode: number): Promise<void> => {
    stopping ??= Promise.all(gateways.map((gateway) => gateway.stop()))
      .then(() => services?.close())
      .then(() => process.exit(exitCode));
    return stopping;
  };
  process.on('SIGINT', () => void stop(0));
  process.on('SIGTERM', () => void stop(0));
  try {
    services = await startServices();
    const names = findGateways();
    const credentials = await writeCredentials(services.issuer, names);
    const env = {
      NODE_ENV: 'development',
      ...process.env,
      ...addressesOf(services),
      PARTNER_API_KEYS: credentials.apiKeyRecords,
    };
    const started = names.map((name) =>
      startGateway({ name, env, onLine: (line) => print(formatLine(name, line)) }).then((gateway) => {
        gateways.push(gateway);
        return gateway;
      }),
    );
    print(describeShop(services.urls, await Promise.all(started), credentials));
  } catch (error) {
    if (stopping !== undefined) return;
    process.stderr.write(`npm start: ${error instanceof Error ? error.message : String(error)}\n`);
    await stop(1);
  }
}

/** `USERS_URL`, …, `ISSUER_URL`: where the BFFs find the company. */
function addressesOf({ urls }: Services): Record<string, string> {
  return Object.fromEntries(
    [...SERVICE_NAMES, 'issuer' as const].map((name) => [`${name.toUpperCase()}_URL`, urls[name]]),
  );
}

await main();
