/**
 * Targets from DNS: one per address of a name (A, AAAA), or one per SRV record of the best priority.
 * Names are asked as they are, without the search list of the system: write them in full.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc2782 RFC 2782}, SRV
 * @module
 */
import { Resolver } from 'node:dns/promises';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import { type Discovery, refreshedTargets } from './discovery.ts';
import { parseTargets, versionPattern } from './target.ts';

interface DnsCommonOptions {
  /** The full name, such as `orders.shop.svc.cluster.local`. */
  readonly hostname: string;
  /** Milliseconds between questions, from 100 to an hour. Default 10 000. */
  readonly refreshMs?: number;
  /** The version of everything found under this name. */
  readonly version?: string;
  /** Who is asked. Default the system's name servers, 2 s per try, two tries. */
  readonly resolver?: DnsResolver;
}

interface DnsAddressOptions extends DnsCommonOptions {
  /** Default `A`. */
  readonly type?: 'A' | 'AAAA';
  readonly port: number;
}

interface DnsServiceOptions extends DnsCommonOptions {
  /** Hosts, ports and weights come from the records; a weight of 0 counts as a hundredth. */
  readonly type: 'SRV';
  /** Default `http`. Only SRV names hosts, which a certificate can be checked against. */
  readonly protocol?: 'http' | 'https';
}

export type DnsTargetsOptions = DnsAddressOptions | DnsServiceOptions;

/** The part of `node:dns/promises` that is used. */
export interface DnsResolver {
  resolve4(hostname: string): Promise<readonly string[]>;
  resolve6(hostname: string): Promise<readonly string[]>;
  resolveSrv(hostname: string): Promise<readonly DnsService[]>;
}

export interface DnsService {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/**
 * Asks DNS for the targets, again and again. No answer and an empty one leave the last good list in use.
 *
 * @throws {RangeError} for an unknown option or a value out of range.
 */
export function dnsTargets(options: DnsTargetsOptions): Discovery {
  const where = 'dnsTargets';
  const common = ['hostname', 'type', 'refreshMs', 'version', 'resolver'];
  requireKnown(where, options, [...common, options.type === 'SRV' ? 'protocol' : 'port']);
  const { hostname, refreshMs = 10_000, version, type = 'A' } = options;
  requireRange(where, 'refreshMs', refreshMs, 100, 3_600_000);
  if (!/^\w[\w.-]{0,252}$/.test(hostname)) {
    throw new RangeError(`${where}: hostname must be a name such as orders.internal, got '${hostname}'`);
  }
  if (type !== 'A' && type !== 'AAAA' && type !== 'SRV') {
    throw new RangeError(`${where}: type must be A, AAAA or SRV, got '${String(type)}'`);
  }
  if (version !== undefined && !versionPattern.test(version)) {
    throw new RangeError(`${where}: version must be 1 to 32 letters, digits, dots, dashes, got '${version}'`);
  }
  const ask = options.type === 'SRV' ? askServices(where, options) : askAddresses(where, options);
  return refreshedTargets(async function resolveTargets() {
    const found = (await ask()).toSorted((a, b) => (a.url < b.url ? -1 : 1)); // servers rotate their answers
    const entries = version === undefined ? found : found.map((entry) => ({ ...entry, version }));
    return parseTargets(`${where}: ${type} of ${hostname}`, unique(entries));
  }, refreshMs);
}

interface Found {
  readonly url: string;
  readonly weight: number;
}

function askAddresses(where: string, options: DnsAddressOptions): () => Promise<Found[]> {
  const { hostname, port, type = 'A', resolver = systemResolver() } = options;
  requireInteger(where, 'port', port, 1, 65_535);
  return async function addresses() {
    const found =
      type === 'A'
        ? await resolver.resolve4(hostname)
        : (await resolver.resolve6(hostname)).map((address) => `[${address}]`);
    return found.map((host) => ({ url: `http://${host}:${port}`, weight: 1 }));
  };
}

function askServices(where: string, options: DnsServiceOptions): () => Promise<Found[]> {
  const { hostname, protocol = 'http', resolver = systemResolver() } = options;
  if (protocol !== 'http' && protocol !== 'https') {
    throw new RangeError(`${where}: protocol must be http or https, got '${String(protocol)}'`);
  }
  return async function services() {
    const records = (await resolver.resolveSrv(hostname)).filter(({ name }) => name !== '' && name !== '.'); // "not here"
    const best = Math.min(...records.map(({ priority }) => priority));
    return records
      .filter(({ priority }) => priority === best)
      .map(({ name, port, weight }) => ({
        url: `${protocol}://${name.replace(/\.$/, '')}:${port}`,
        weight: Math.max(weight, 0.01),
      }));
  };
}

function unique<Entry extends Found>(entries: readonly Entry[]): readonly Entry[] {
  return [...new Map(entries.map((entry) => [entry.url, entry])).values()];
}

function systemResolver(): DnsResolver {
  return new Resolver({ timeout: 2_000, tries: 2 });
}
