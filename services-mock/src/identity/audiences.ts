/**
 * Whom tokens can be for: the gateways, and behind them the services. A client asks by name (`audience`,
 * RFC 8693) or by address (`resource`, RFC 8707).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707 RFC 8707}, resource indicators
 * @module
 */
import { SERVICE_NAMES } from '../directory.ts';

/** The gateways that tokens can be for. */
export const GATEWAYS: readonly string[] = ['web', 'mobile', 'partner'];

/** What a signed-in shopper may do. */
export const SHOPPER_SCOPE = 'profile:read orders:read orders:write cart:write';

/** Everything a token of a gateway or a service can allow. */
export const ALL_SCOPES = `${SHOPPER_SCOPE} products:read inventory:read`;

const audiences: ReadonlySet<string> = new Set([...GATEWAYS, ...SERVICE_NAMES]);
const prefix = 'urn:acme:';

/** The resource indicator of an audience: `web` → `urn:acme:web`. */
export function resourceOf(audience: string): string {
  return `${prefix}${audience}`;
}

/** The audience of a resource indicator, unless there is none. */
export function audienceOf(resource: string): string | undefined {
  const name = resource.startsWith(prefix) ? resource.slice(prefix.length) : '';
  return isAudience(name) ? name : undefined;
}

/** Whether tokens can be for it. */
export function isAudience(name: string): boolean {
  return audiences.has(name);
}
