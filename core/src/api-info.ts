/**
 * What people are told about an API beside its declarations: in its documents, and in the portal made of them.
 *
 * @module
 */
import { requireKnown } from './context/options.ts';
import type { Endpoint } from './endpoint/endpoint.ts';

export interface ApiInfo {
  /** What people call it, such as `Acme Partner API`. Default the name of the BFF. */
  readonly title?: string;
  /** Markdown: what a reader should know first. */
  readonly description?: string;
  readonly contact?: { readonly name: string; readonly url?: string; readonly email?: string };
  readonly license?: { readonly name: string; readonly url?: string };
  /** One sentence for each resource, by {@link resourceOf its name}. */
  readonly resources?: Readonly<Record<string, string>>;
  /** Real requests and their answers, by dated version (`0` where there are none) and by endpoint: `GET /v1/orders/:id`. */
  readonly examples?: Readonly<Record<string, Readonly<Record<string, EndpointExample>>>>;
}

/** One good request and its answer, as they were. */
export interface EndpointExample {
  /** Of the path and the query, as text. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer?: unknown;
}

/**
 * The resource that a path belongs to: its first word that is no version and no prefix.
 *
 * @example
 * resourceOf('/v1/orders/:id'); // => 'orders'
 */
export function resourceOf(path: string): string {
  const words = path.split('/').filter((word) => /^[A-Za-z]/.test(word));
  return words.find((word) => !/^(?:v\d+|api)$/.test(word)) ?? words[0] ?? 'root';
}

/** @throws {RangeError} for an unknown member, or a resource that no endpoint has. */
export function checkApiInfo(info: ApiInfo, endpoints: readonly Endpoint[]): void {
  requireKnown('apiInfo', info, ['title', 'description', 'contact', 'license', 'resources', 'examples']);
  const known = new Set(endpoints.map(({ path }) => resourceOf(path)));
  const unknown = Object.keys(info.resources ?? {}).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new RangeError(
      `apiInfo: resources must be some of ${[...known].sort().join(', ')}, got '${unknown}'`,
    );
}
