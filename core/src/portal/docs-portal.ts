/**
 * The documentation of a BFF as pages of the BFF itself: guides, the reference of every version, what changed, and a
 * console to try it. Made of its declarations, so that what is read is what is answered.
 *
 * @module
 */
import { z } from 'zod';
import { endpoint, type PlainAnswer } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import type { Portal } from '../portal-part.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { readGuides } from './guides.ts';
import { checkPortal, type DocsPortalOptions } from './portal-options.ts';
import { readSamples } from './samples.ts';
import { openSite, type Site } from './site.ts';

/** Nothing but files of this origin and requests to it; no markup that came as text. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const part = z.string().max(200);

/**
 * Makes a portal, to be given to `defineBff` as `portal`. Anyone may see its pages; they cost no limit and are no part of
 * the OpenAPI document.
 *
 * @throws {RangeError} at boot, for an unknown option, a value out of range, or a folder without guides.
 *
 * @example
 * defineBff({ …, portal: docsPortal({ guides: new URL('./guides/', import.meta.url) }) });
 */
export function docsPortal(options: DocsPortalOptions): Portal {
  const checked = checkPortal(options);
  const samples = options.samples === undefined ? new Map() : readSamples(options.samples);
  let site: Site | undefined;

  const answer = (parts: readonly string[]): PlainAnswer => {
    if (site === undefined) throw new GatewayError('internal', { cause: new Error('the portal has no BFF') });
    const { status, type, body, isImmutable } = site.page(parts.join('/'));
    return {
      status,
      headers: {
        'content-type': type,
        'content-security-policy': policy,
        'cache-control': isImmutable ? 'public, max-age=31536000, immutable' : 'public, no-cache', // kept, and used after a 304
      },
      body,
    };
  };
  const page = (path: string, summary: string) => ({
    path,
    options: {
      summary,
      access: anyone(),
      antiForgery: false,
      deadlineMs: 2_000,
      cost: 0,
      priority: 'low' as const,
    },
  });
  const { path } = checked;
  const home = page(path, 'The documentation of this API.');
  const first = page(`${path}/:page`, 'A guide, the changelog or the reference.');
  const second = page(`${path}/:part/:page`, 'The reference of a version.');
  const third = page(`${path}/:part/:version/:page`, 'An operation, or a file of the pages.');
  return {
    endpoints: [
      endpoint('GET', home.path, home.options).answer(() => answer([])),
      endpoint('GET', first.path, { ...first.options, params: z.object({ page: part }) }).answer(
        ({ input: { params } }) => answer([params.page]),
      ),
      endpoint('GET', second.path, { ...second.options, params: z.object({ part, page: part }) }).answer(
        ({ input: { params } }) => answer([params.part, params.page]),
      ),
      endpoint('GET', third.path, {
        ...third.options,
        params: z.object({ part, version: part, page: part }),
      }).answer(({ input: { params } }) => answer([params.part, params.version, params.page])),
    ],
    describe(bff) {
      const guides = readGuides(checked.guides, bff.graph.publicOrigin ?? '');
      site = openSite({ options: checked, guides, samples, bff });
    },
  };
}
