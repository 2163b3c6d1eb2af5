/**
 * `bffkit keys`: the API keys of partners, through the admin port of a running BFF.
 *
 * @module
 */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { type AdminClient, adminClient } from './admin-client.ts';
import { secondsOf } from './duration.ts';
import { type ListedKey, type PinnedPartner, showKey, showKeys, showNewKey } from './show-keys.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface KeysWorld {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who works here, unless `--actor` says. */
  readonly user: () => string;
}

interface Values {
  readonly partner?: string;
  readonly scopes?: string;
  readonly plan?: string;
  readonly tenant?: string;
  readonly expires?: string;
  readonly cidr?: string[];
  readonly env?: string;
  readonly overlap?: string;
  readonly version?: string;
  readonly admin?: string;
  readonly actor?: string;
  readonly json?: boolean;
}

interface Verb {
  /** How many words follow it. */
  readonly words: 0 | 1;
  readonly options: readonly (keyof Values)[];
  run(client: AdminClient, values: Values, id: string): Promise<unknown>;
  show(answer: never): string;
}

const world: KeysWorld = {
  fetch: globalThis.fetch,
  env: process.env,
  user: () => userInfo().username,
};

const verbs: Readonly<Record<string, Verb>> = {
  create: {
    words: 0,
    options: ['partner', 'scopes', 'plan', 'tenant', 'expires', 'cidr', 'env', 'version'],
    run: (client, values) => client.send('/keys', orderOf(values)),
    show: showNewKey,
  },
  list: {
    words: 0,
    options: ['partner'],
    run: (client, { partner }) =>
      client.read(partner === undefined ? '/keys' : `/keys?partner=${encodeURIComponent(partner)}`),
    show: showKeys,
  },
  show: {
    words: 1,
    options: [],
    run: (client, _values, id) => client.read(`/keys/${encodeURIComponent(id)}`),
    show: showKey,
  },
  rotate: {
    words: 1,
    options: ['overlap'],
    run: (client, { overlap }, id) =>
      client.send(
        `/keys/${encodeURIComponent(id)}/rotate`,
        overlap === undefined ? {} : { overlapSeconds: secondsOf('--overlap', overlap) },
      ),
    show: showNewKey,
  },
  pin: {
    words: 0,
    options: ['partner', 'version'],
    run: (client, { partner, version }) => {
      if (partner === undefined || version === undefined)
        throw new UsageError('keys pin needs --partner PARTNER and --version YYYY-MM-DD');
      return client.send('/keys/pin', { partner, version });
    },
    show: ({ partner, version, before }: PinnedPartner) =>
      `${partner} is pinned to ${version}; it was ${before ?? 'not pinned'}\n`,
  },
  revoke: {
    words: 1,
    options: [],
    run: (client, _values, id) => client.send(`/keys/${encodeURIComponent(id)}/revoke`, {}),
    show: (key: ListedKey) => `revoked ${key.shown} of ${key.partner}\n`,
  },
};

/** @param parameters `create | list | show ID | rotate ID | revoke ID`, and options. */
export async function keysCommand(
  parameters: readonly string[],
  { fetch, env, user }: KeysWorld = world,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: {
      partner: { type: 'string' },
      scopes: { type: 'string' },
      plan: { type: 'string' },
      tenant: { type: 'string' },
      expires: { type: 'string' },
      cidr: { type: 'string', multiple: true },
      env: { type: 'string' },
      overlap: { type: 'string' },
      version: { type: 'string' },
      admin: { type: 'string' },
      actor: { type: 'string' },
      json: { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [name = '', ...words] = positionals;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) throw new UsageError(`say what to do: 'keys ${Object.keys(verbs).join(', ')}'`);
  if (words.length !== verb.words) {
    throw new UsageError(`keys ${name} takes ${verb.words === 0 ? 'no ID' : 'one ID'}, got ${words.length}`);
  }
  const wrong = Object.keys(values).find((option) => !isOptionOf(verb, option));
  if (wrong !== undefined) throw new UsageError(`keys ${name} has no option --${wrong}`);
  const client = adminClient({
    fetch,
    url: values.admin ?? env.BFFKIT_ADMIN ?? 'http://127.0.0.1:9003',
    actor: values.actor ?? visible(user()),
    token: env.BFFKIT_ADMIN_TOKEN,
  });
  const answer = await verb.run(client, values, words[0] ?? '');
  return values.json === true ? `${JSON.stringify(answer, null, 2)}\n` : verb.show(answer as never);
}

function isOptionOf(verb: Verb, option: string): boolean {
  return ['admin', 'actor', 'json', ...verb.options].includes(option);
}

function orderOf({ partner, scopes, plan, tenant, expires, cidr, env, version }: Values): object {
  if (partner === undefined || scopes === undefined) {
    throw new UsageError('keys create needs --partner PARTNER and --scopes SCOPE,…');
  }
  return {
    partner,
    scopes: scopes.split(',').filter((scope) => scope !== ''),
    ...(plan === undefined ? {} : { plan }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(version === undefined ? {} : { version }),
    ...(env === undefined ? {} : { environment: env }),
    ...(cidr === undefined ? {} : { ipAllow: cidr.flatMap((ranges) => ranges.split(',')) }),
    ...(expires === undefined ? {} : { expiresInSeconds: secondsOf('--expires', expires) }),
  };
}

/** A user's name may have what a header may not. */
function visible(name: string): string {
  return name.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 64) || 'unknown';
}
