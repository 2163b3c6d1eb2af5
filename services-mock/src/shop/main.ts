/**
 * `npm start`: the whole shop on this machine. The services and the identity issuer run in this
 * process, every package under `bffs/` in its own, restarted when its code changes.
 *
 * @module
 */
import { SERVICE_NAMES } from '../directory.ts';
import { type Services, startServices } from '../start-services.ts';
import { type ShopConsole, startConsole } from './console.ts';
import { writeCredentials } from './credentials.ts';
import { findGateways, type Gateway, startGateway } from './gateway.ts';
import { formatLine } from './log-line.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { findWebAddress } from './web-address.ts';
import { describeShop } from './welcome.ts';

const parentCheckMs = 500;
const payAfterMs = 5_000;
const defaultConsolePort = 4000;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const gateways: Gateway[] = [];
  let services: Services | undefined;
  let traffic: Traffic | undefined;
  let page: ShopConsole | undefined;
  let stopping: Promise<void> | undefined;
  const stop = (exitCode: number): Promise<void> => {
    traffic?.stop();
    stopping ??= Promise.resolve(page?.close())
      .then(() => Promise.all(gateways.map((gateway) => gateway.stop())))
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
    tellPartners(services, gateways);
    traffic = createTraffic({ gateways: () => gateways, issuer: services.issuer, credentials });
    page = await startConsole({
      port: consolePort(process.env.CONSOLE_PORT),
      gateways: () => gateways.map((gateway) => ({ ...gateway, adminToken: adminTokenOf(gateway.name) })),
      faults: services.faults,
      traffic,
    });
    const { urls } = services;
    print(describeShop({ urls, gateways, credentials, webOrigin: web.origin, consoleUrl: page.url }));
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

/** @throws {RangeError} for what is no port. */
function consolePort(text: string | undefined): number {
  if (text === undefined || text === '') return defaultConsolePort;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RangeError(`CONSOLE_PORT must be a port from 0 to 65535, got "${text}"`);
}

/** Partners hear of their orders, which are paid some seconds after they were placed. */
function tellPartners(services: Services, gateways: readonly Gateway[]): void {
  const partner = gateways.find(({ name }) => name === 'partner');
  if (partner === undefined) return;
  const url = `${partner.adminUrl}/webhooks/events`;
  services.tellOrdersTo({ url, token: adminTokenOf(partner.name), payAfterMs });
}

/** What the admin port of a BFF asks for, when its environment says so. */
function adminTokenOf(name: string): string | undefined {
  return process.env[`${name.toUpperCase().replaceAll('-', '_')}_ADMIN_TOKEN`] || undefined;
}

/** `USERS_URL`, …, `ISSUER_URL`: where the BFFs find the company. */
function addressesOf({ urls }: Services): Record<string, string> {
  return Object.fromEntries(
    [...SERVICE_NAMES, 'issuer' as const].map((name) => [`${name.toUpperCase()}_URL`, urls[name]]),
  );
}

await main();
