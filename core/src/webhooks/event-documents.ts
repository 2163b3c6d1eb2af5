/**
 * What a partner reads of an event: the document of an endpoint, in the version that the receiver is pinned to. What
 * the schema of that endpoint does not name never leaves.
 *
 * @module
 */
import { z } from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { GatewayError, type InputIssue } from '../problem/gateway-error.ts';
import { asZod, narrow } from '../upstream/mask.ts';

/** One type of events. */
export interface WebhookEvent {
  /** One sentence for documents. */
  readonly summary: string;
  /** The endpoint whose answer its `data` is, such as the one that reads an order. */
  readonly like: Endpoint;
}

/** One version of the API, as far as events need it. */
export interface EventVersion {
  readonly version: string;
  readonly ways: readonly {
    readonly endpoint: Endpoint | undefined;
    readonly kind: 'up' | 'down';
    readonly migrate: (value: unknown) => unknown;
  }[];
}

export interface EventDocuments {
  /** The versions there are, newest first. */
  readonly versions: readonly string[];
  /** @throws {GatewayError} `validation-failed` when the data is not what the newest version promises. */
  check(type: string, data: unknown): unknown;
  /** What was checked, as it was in a version; in the oldest there is for one that was taken away. */
  inVersion(type: string, document: unknown, version: string | null): unknown;
}

type Migrate = (value: unknown) => unknown;

const same: Migrate = (value) => value;

/** @throws {RangeError} when an event is like an endpoint that the BFF does not have. */
export function eventDocuments(
  events: Readonly<Record<string, WebhookEvent>>,
  endpoints: readonly Endpoint[],
  versions: readonly EventVersion[],
): EventDocuments {
  const types = new Map(
    Object.entries(events).map(([type, { like }]) => {
      if (!endpoints.includes(like))
        throw new RangeError(`webhooks: events: ${type}: like must be an endpoint of the BFF`);
      const schema = z.compile(asZod(narrow(like.response, true)));
      const downs = new Map(versions.map((each) => [each.version, downOf(each, like)]));
      return [type, { schema, downs }] as const;
    }),
  );
  const oldest = versions.at(-1)?.version ?? '';
  return {
    versions: versions.map(({ version }) => version),
    check(type, data) {
      const parsed = types.get(type)?.schema.safeParse(data);
      if (parsed === undefined) throw invalid([{ pointer: '/type', detail: 'is no type of events here' }]);
      if (parsed.success) return parsed.data;
      throw invalid(parsed.error.issues.map(issueOf));
    },
    inVersion(type, document, version) {
      const downs = types.get(type)?.downs;
      if (version === null || downs === undefined) return document;
      return (downs.get(version) ?? downs.get(oldest) ?? same)(document);
    },
  };
}

function downOf({ ways }: EventVersion, like: Endpoint): Migrate {
  return ways.find(({ endpoint, kind }) => endpoint === like && kind === 'down')?.migrate ?? same;
}

function issueOf({ path, message }: $ZodIssue): InputIssue {
  return { pointer: ['/data', ...path.map(String)].join('/'), detail: message };
}

function invalid(issues: readonly InputIssue[]): GatewayError {
  return new GatewayError('validation-failed', { issues });
}
