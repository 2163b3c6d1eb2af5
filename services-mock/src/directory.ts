/**
 * The directory of the company: its eight services, the two helpers beside them, and their usual ports.
 *
 * @module
 */

/** The services that answer requests, in the order of their ports. */
export const SERVICE_NAMES = [
  'users',
  'catalog',
  'orders',
  'reviews',
  'recommendations',
  'inventory',
  'notifications',
  'pricing',
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];

/** Everything that listens on a port. */
export const LISTENER_NAMES = ['control', ...SERVICE_NAMES, 'issuer'] as const;
export type ListenerName = (typeof LISTENER_NAMES)[number];

/** The ports that `npm run mocks` takes when the environment names no others. */
export const DEFAULT_PORTS: Readonly<Record<ListenerName, number>> = {
  control: 4100,
  users: 4101,
  catalog: 4102,
  orders: 4103,
  reviews: 4104,
  recommendations: 4105,
  inventory: 4106,
  notifications: 4107,
  pricing: 4108,
  issuer: 4110,
};

/** What a service tells about itself in headers that a gateway must never pass on. */
export interface Fingerprint {
  readonly Server: string;
  readonly 'X-Powered-By': string;
  readonly 'X-Internal-Host': string;
}

const RUNTIMES: Readonly<Record<ServiceName, readonly [version: string, poweredBy: string, pod: string]>> = {
  users: ['3.11', 'Spring Boot', '5d8b'],
  catalog: ['7.0', 'Express', 'c41a'],
  orders: ['4.2', 'ASP.NET', '7f9c'],
  reviews: ['2.8', 'PHP/8.3.11', 'a03e'],
  recommendations: ['1.19', 'FastAPI', '9b27'],
  inventory: ['5.4', 'Go', '2e6d'],
  notifications: ['2.1', 'Express', 'f580'],
  pricing: ['6.3', 'Ktor', '14cc'],
};

/** The headers with which a service gives itself away. */
export function fingerprintOf(service: ServiceName): Fingerprint {
  const [version, poweredBy, pod] = RUNTIMES[service];
  return {
    Server: `acme-${service}/${version}`,
    'X-Powered-By': poweredBy,
    'X-Internal-Host': `${service}-${pod}.internal`,
  };
}

/** The version a service states in its OpenAPI document. */
export function versionOf(service: ServiceName): string {
  return RUNTIMES[service][0];
}

/** Says whether a word is the name of a service. */
export function isServiceName(word: string): word is ServiceName {
  return SERVICE_NAMES.some((name) => name === word);
}
