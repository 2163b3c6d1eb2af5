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
import { findWebAddress } from './web-address.ts';
import { describeShop } from './welcome.ts';

const parentCheckMs = 500;

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
    const web = await findWebAddress(process.env);
    services = await startServices({ webOrigins: [web.origin] });
    void fetch(`${services.urls.issuer}/.well-known/openid-configuration`); // makes it, before anyone waits for it
    const names = findGateways();
    const credentials = await writeCredentials(
      services.issuer,
      names,
      process.env.PARTNER_KEY_PEPPER || undefined,
    );
    const env = {
      NODE_ENV: 'development',
      ...process.env,
      ...addressesOf(services),
      ...web.env,
      ...credentials.keyEnv,
    };
    const launched = names.map((name) =>
      startGateway({ name, env, onLine: (line) => print(formatLine(name, line)) }),
    );
    const settled = await Promise.allSettled(launched);
    gateways.push(...settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])));
    const failed = settled.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    print(describeShop({ urls: services.urls, gateways, credentials, webOrigin: web.origin }));
    stopWithParent(() => void stop(0));
  } catch (error) {
    if (stopping !== undefined) return;
    process.stderr.write(`npm start: ${error instanceof Error ? error.message : String(error)}\n`);
    await stop(1);
  }
}

/** Whoever started this may be killed without a word, npm by SIGTERM for one; the ports must not stay taken. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) stop();
  }, parentCheckMs).unref();
}

/** `USERS_URL`, …, `ISSUER_URL`: where the BFFs find the company. */
function addressesOf({ urls }: Services): Record<string, string> {
  return Object.fromEntries(
    [...SERVICE_NAMES, 'issuer' as const].map((name) => [`${name.toUpperCase()}_URL`, urls[name]]),
  );
}

await main();
