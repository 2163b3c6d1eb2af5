/**
 * What a BFF was made of, for whoever describes it: documents, typed clients, the console.
 *
 * @module
 */
import type { ApiInfo } from './api-info.ts';
import type { Endpoint } from './endpoint/endpoint.ts';
import type { SignIn } from './endpoint/sign-in.ts';
import type { LimitOptions } from './limit/open-limits.ts';
import type { PlanGraph } from './plan/graph.ts';
import type { VersionDescription } from './versions/open-versions.ts';
import type { WebhookEvent } from './webhooks/event-documents.ts';

/** An endpoint, and the checked plan that came of it; only `.plan()` has one. */
export interface DeclaredEndpoint {
  readonly endpoint: Endpoint;
  readonly plan: PlanGraph | undefined;
}

/** The declarations of a BFF, all of them checked. */
export interface Declared {
  /** In their order; those of the ways to sign in come first. */
  readonly endpoints: readonly DeclaredEndpoint[];
  /** In the order in which they are asked. */
  readonly identity: readonly SignIn[];
  /** Newest first; absent where there are none. See `versionsOf`. */
  readonly versions?: readonly VersionDescription[] | undefined;
  /** What people are told of the API beside all this. */
  readonly info?: ApiInfo | undefined;
  /** The page that explains problems, where there is one. */
  readonly problemDocs?: string | undefined;
  /** The events that receivers may hear of, by type. */
  readonly webhooks?: Readonly<Record<string, WebhookEvent>> | undefined;
  readonly limits: Pick<LimitOptions, 'limits' | 'plans' | 'rateLimitHeaders'>;
}
