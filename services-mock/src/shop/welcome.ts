/**
 * What `npm start` prints: what runs where, and lines to paste.
 *
 * @module
 */
import { ACCOUNTS } from '../data/accounts.ts';
import { type ListenerName, SERVICE_NAMES } from '../directory.ts';
import type { Credentials } from './credentials.ts';
import type { Gateway } from './gateway.ts';

/** What is open. */
export interface OpenShop {
  readonly urls: Readonly<Record<ListenerName, string>>;
  readonly gateways: readonly Gateway[];
  readonly credentials: Credentials;
  /** Where a browser finds the web BFF. */
  readonly webOrigin: string;
  /** Where everything is to be seen. */
  readonly consoleUrl: string;
}

/** The table and the command lines. Every line works as it stands, from the root of the repository. */
export function describeShop(shop: OpenShop): string {
  const { urls, gateways, consoleUrl } = shop;
  const rows = gateways
    .toSorted((a, b) => a.url.localeCompare(b.url))
    .map((gateway) => [
      gateway.name,
      gateway.url,
      `admin ${gateway.adminUrl}`,
      `${gateway.endpoints} endpoints`,
      gateway.owner,
    ]);
  const services = SERVICE_NAMES.map((name) => [name, urls[name]]);
  return `
The shop is open. Ctrl-C closes it.
${signInHint(shop)}
  The console: ${consoleUrl}
  What happens, live; traffic and faults at a click.
${docsHint(shop)}
${table(rows)}

${table(services)}
${table([
  ['identity', urls.issuer, 'OpenID Connect'],
  ['control', urls.control, 'faults on demand'],
])}

Paste one of these (in the root of the repository):

${examples(shop).join('\n\n')}
`;
}

/** For people with a browser. */
function signInHint({ gateways, webOrigin }: OpenShop): string {
  if (!gateways.some(({ name }) => name === 'web')) return '';
  const logins = ACCOUNTS.map(({ login, name }) => `${login} (${name})`).join(', ');
  return `
  Open ${webOrigin} and sign in as ${logins}.
  The password is the user name.
`;
}

/** For partners' developers. */
function docsHint({ gateways }: OpenShop): string {
  const partner = gateways.find(({ name }) => name === 'partner');
  return partner === undefined
    ? ''
    : `
  The docs of the partner API: ${partner.url}/docs
`;
}

function examples({ urls, gateways, credentials: { user, partner } }: OpenShop): string[] {
  const urlOf = (name: string): string | undefined => gateways.find((gateway) => gateway.name === name)?.url;
  const [web, mobile, partners] = [urlOf('web'), urlOf('mobile'), urlOf('partner')];
  return [
    ...(web === undefined
      ? []
      : [
          section(
            'The home screen of Ada: five services, one answer',
            `curl -i -H @${user} '${web}/api/home?orders=2'`,
          ),
          section(
            'Break the reviews, look at a product, mend them',
            `curl -X PUT ${urls.control}/faults -H 'content-type: application/json' -d '{"reviews":["status:503"]}'`,
            `curl -i ${web}/api/products/prd_00001`,
            `curl -X DELETE ${urls.control}/faults`,
          ),
        ]),
    ...(mobile === undefined
      ? []
      : [section('Her feed on the phone, compressed', `curl -i --compressed -H @${user} ${mobile}/v1/feed`)]),
    ...(partners === undefined
      ? []
      : [
          section(
            'A partner reads the stock and places an order',
            `curl -i -H @${partner} ${partners}/v1/inventory/SKU-00001`,
            `curl -i -H @${partner} -H "idempotency-key: order-$(date +%s%N)" -H 'content-type: application/json' -d '{"lines":[{"sku":"SKU-00001","quantity":1}]}' ${partners}/v1/orders`,
          ),
        ]),
    ...(gateways[0] === undefined
      ? []
      : [
          section(
            'What a BFF knows of itself',
            `curl ${gateways[0].adminUrl}/graph`,
            `curl ${gateways[0].adminUrl}/metrics`,
          ),
        ]),
  ];
}

function section(title: string, ...lines: readonly string[]): string {
  return [`  # ${title}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(16, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}`,
    )
    .join('\n');
}
