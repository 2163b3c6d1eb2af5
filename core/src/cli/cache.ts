/**
 * `bffkit cache purge TAG`: ends kept answers of a running BFF, on all its instances, through the admin port.
 *
 * @module
 */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { adminClient } from './admin-client.ts';
import { UsageError } from './usage-error.ts';

/** What the command needs of the world; a test brings its own. */
export interface CacheWorld {
  readonly fetch: typeof globalThis.fetch;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who works here, unless `--actor` says. */
  readonly user: () => string;
}

const world: CacheWorld = {
  fetch: globalThis.fetch,
  env: process.env,
  user: () => userInfo().username,
};

/** @param parameters `purge TAG [--admin URL] [--actor NAME] [--json]` */
export async function cacheCommand(
  parameters: readonly string[],
  { fetch, env, user }: CacheWorld = world,
): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: {
      admin: { type: 'string' },
      actor: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [verb, tag, ...rest] = positionals;
  if (verb !== 'purge' || tag === undefined || rest.length > 0)
    throw new UsageError('cache purge takes one TAG');
  const url = values.admin ?? env.BFFKIT_ADMIN;
  if (url === undefined) throw new UsageError('cache purge needs --admin URL, or BFFKIT_ADMIN');
  const actor =
    values.actor ??
    (user()
      .replaceAll(/[^\x21-\x7e]/g, '_')
      .slice(0, 64) ||
      'unknown');
  const client = adminClient({ fetch, url, actor, token: env.BFFKIT_ADMIN_TOKEN });
  const answer = await client.send('/cache/purge', { tag });
  return values.json ? `${JSON.stringify(answer, null, 2)}\n` : `purged ${tag}\n`;
}
