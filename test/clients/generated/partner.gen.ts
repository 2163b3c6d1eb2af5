/**
 * Acme Partner API
 * Send it with `API-Version: 2026-11-01`.
 *
 * Written by `bffkit client partner --version 2026-11-01`: do not edit.
 */

export type PartnerApi = {
  '/v1/inventory/:sku': {
    /** How much of a sku can be ordered. */
    $get: Operation<
      {
        param: {
          /** The sku of a product. */
          sku: string;
        };
      },
      200,
      Stock,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'not-found' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable'
    >;
  };
  '/v1/orders': {
    /** Places an order for the partner’s customer account. */
    $post: Operation<
      {
        header: {
          /** A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done once. In quotes or without. */
          'Idempotency-Key': string;
        };
        json: NewOrder;
      },
      201,
      Order,
      400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'body-too-large' | 'circuit-open' | 'idempotency-in-progress'
        | 'idempotency-key-malformed' | 'idempotency-key-missing' | 'idempotency-key-reused'
        | 'invalid-json' | 'request-timeout' | 'unprocessable' | 'unsupported-media-type'
        | 'upstream-bad-answer' | 'upstream-broken-answer' | 'upstream-busy' | 'upstream-error'
        | 'upstream-rejected' | 'upstream-timeout' | 'upstream-unreachable'
    >;
  };
  '/v1/orders/:id': {
    /** One order of the partner; another customer’s order is not found. */
    $get: Operation<
      {
        param: {
          /** The id of the order. */
          id: string;
        };
      },
      200,
      Order,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'not-found' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable'
    >;
  };
  '/v1/products': {
    /** The catalog, page by page, in a stable order. */
    $get: Operation<
      {
        query?: {
          /** Items per page. */
          limit?: number | undefined;
          /** `next` of the page before. Without it you get the first page. */
          cursor?: string | undefined;
        } | undefined;
      },
      200,
      GetV1ProductsAnswer,
      400 | 401 | 403 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'invalid-cursor' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable'
    >;
  };
  '/v1/products/:id': {
    /** A product with the partner’s price and the stock. */
    $get: Operation<
      {
        param: {
          /** The id of the product. */
          id: string;
        };
      },
      200,
      Product,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'not-found' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable'
    >;
  };
  '/v1/usage': {
    /** How many requests counted, by day and endpoint, by key, and by version. */
    $get: Operation<
      {
        query?: {
          /** First day of UTC. Default the first of the month of `to`. */
          from?: string | undefined;
          /** Last day, at most 92 days from the first. Default today. */
          to?: string | undefined;
        } | undefined;
      },
      200,
      GetV1UsageAnswer,
      400 | 401 | 403 | 429 | 500 | 503 | 504,
      AnyCode
    >;
  };
  '/v1/webhook-endpoints': {
    /** The webhook endpoints of the partner. */
    $get: Operation<
      {},
      200,
      GetV1WebhookEndpointsAnswer,
      400 | 401 | 403 | 429 | 500 | 503 | 504,
      AnyCode
    >;
    /** Adds a webhook endpoint. Its secret is shown in this answer only. */
    $post: Operation<
      {
        header: {
          /** A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done once. In quotes or without. */
          'Idempotency-Key': string;
        };
        json: PostV1WebhookEndpointsBody;
      },
      201,
      NewWebhookEndpoint,
      400 | 401 | 403 | 408 | 409 | 413 | 415 | 422 | 429 | 500 | 503 | 504,
      AnyCode | 'body-too-large' | 'idempotency-in-progress' | 'idempotency-key-malformed'
        | 'idempotency-key-missing' | 'idempotency-key-reused' | 'invalid-json' | 'request-timeout'
        | 'unsupported-media-type'
    >;
  };
  '/v1/webhook-endpoints/:id': {
    /** One webhook endpoint. */
    $get: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
      },
      200,
      WebhookEndpoint,
      400 | 401 | 403 | 404 | 429 | 500 | 503 | 504,
      AnyCode | 'not-found'
    >;
    /** Changes a webhook endpoint, or switches it off or on. */
    $patch: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
        json: PatchV1WebhookEndpointsByIdBody;
      },
      200,
      WebhookEndpoint,
      400 | 401 | 403 | 404 | 408 | 413 | 415 | 429 | 500 | 503 | 504,
      AnyCode | 'body-too-large' | 'invalid-json' | 'not-found' | 'request-timeout'
        | 'unsupported-media-type'
    >;
    /** Removes a webhook endpoint and all that waits for it. */
    $delete: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
      },
      200,
      DeleteV1WebhookEndpointsByIdAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 503 | 504,
      AnyCode | 'not-found'
    >;
  };
  '/v1/webhook-endpoints/:id/deliveries': {
    /** What was sent to it lately, and what waits, the newest first. */
    $get: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
        query?: {
          /** Items per page. */
          limit?: number | undefined;
          /** `next` of the page before. Without it you get the first page. */
          cursor?: string | undefined;
        } | undefined;
      },
      200,
      GetV1WebhookEndpointsByIdDeliveriesAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 503 | 504,
      AnyCode | 'invalid-cursor' | 'not-found'
    >;
  };
  '/v1/webhook-endpoints/:id/deliveries/:delivery/redeliver': {
    /** Delivers one event once more, now. */
    $post: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
          /** The id of the delivery. */
          delivery: string;
        };
        header?: {
          /** A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done once. In quotes or without. */
          'Idempotency-Key'?: string | undefined;
        } | undefined;
      },
      202,
      WebhookDelivery,
      400 | 401 | 403 | 404 | 409 | 422 | 429 | 500 | 503 | 504,
      AnyCode | 'idempotency-in-progress' | 'idempotency-key-malformed' | 'idempotency-key-reused'
        | 'not-found'
    >;
  };
  '/v1/webhook-endpoints/:id/ping': {
    /** Sends it a `webhook.ping`. */
    $post: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
        header?: {
          /** A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done once. In quotes or without. */
          'Idempotency-Key'?: string | undefined;
        } | undefined;
      },
      202,
      WebhookDelivery,
      400 | 401 | 403 | 404 | 409 | 422 | 429 | 500 | 503 | 504,
      AnyCode | 'idempotency-in-progress' | 'idempotency-key-malformed' | 'idempotency-key-reused'
        | 'not-found'
    >;
  };
  '/v1/webhook-endpoints/:id/rotate-secret': {
    /** Gives it a new secret, shown in this answer only; the old one signs too for 24 hours. */
    $post: Operation<
      {
        param: {
          /** The id of the webhook endpoint. */
          id: string;
        };
        header: {
          /** A new random key for each request, such as a UUID, and the same key when the request is repeated: it is then done once. In quotes or without. */
          'Idempotency-Key': string;
        };
      },
      200,
      NewWebhookEndpoint,
      400 | 401 | 403 | 404 | 409 | 422 | 429 | 500 | 503 | 504,
      AnyCode | 'idempotency-in-progress' | 'idempotency-key-malformed' | 'idempotency-key-missing'
        | 'idempotency-key-reused' | 'not-found'
    >;
  };
};

/** A postal address. */
export interface Address {
  line1: string;
  city: string;
  postcode: string;
  /** ISO 3166-1 alpha-2, such as `DE`. */
  country: string;
}

/** An amount of money. */
export interface Money {
  /** Whole minor units: 1999 is 19.99 where the currency has cents. */
  amount: number;
  /** ISO 4217, such as `EUR`. */
  currency: string;
}

/** An order to place. */
export interface NewOrder {
  /** What the partner calls it. */
  reference?: string | undefined;
  /** What is ordered; the price is what a product costs the partner now. */
  lines: readonly {
    sku: string;
    quantity: number;
  }[];
}

/** A webhook endpoint and its new secret. */
export interface NewWebhookEndpoint {
  /** The id of the webhook endpoint. It never changes. */
  id: string;
  /** Where events are sent. */
  url: string;
  /** The types it hears of. */
  events: string[];
  description: string | null;
  /** The version that `data` is written in. */
  apiVersion: string | null;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** Whether events are sent to it. */
  isEnabled: boolean;
  disabledAt: string | null;
  disabledReason: 'gone' | 'failing' | 'partner' | (string & {}) | null;
  /** Verifies signatures. Shown this once. */
  secret: string;
}

/** An order of the partner. */
export interface Order {
  /** The id of the order. It never changes. */
  id: string;
  /** What the partner calls it. */
  reference: string | null;
  /** How far the order is. More values may be added: treat one you do not know as any other. */
  status: 'placed' | 'paid' | 'shipped' | 'delivered' | 'cancelled' | (string & {});
  /** When it was placed. ISO 8601 in UTC. */
  placedAt: string;
  /** When it changed last. ISO 8601 in UTC. */
  updatedAt: string;
  lines: {
    sku: string;
    /** Of the product as it was ordered. */
    title: string;
    quantity: number;
    unitPrice: Money;
  }[];
  total: Money;
  shippingAddress: Address;
}

/** A product with the partner’s price and the stock. */
export interface Product {
  /** The id of the product. It never changes. */
  id: string;
  /** What it is ordered by. */
  sku: string;
  title: string;
  subtitle: string;
  description: string;
  brand: string;
  /** From the widest category to its own. */
  categoryPath: string[];
  images: {
    url: string;
    width: number;
    height: number;
    alt: string;
  }[];
  attributes: {
    name: string;
    value: string;
  }[];
  weightGrams: number;
  listPrice: Money;
  /** What the partner pays today; `null` when it cannot be told now. */
  price: {
    now: Money;
    /** Until when it is promised. ISO 8601 in UTC. */
    validUntil: string;
  } | null;
  /** `null` when it cannot be told now. */
  stock: ProductStock | null;
  /** When it changed last. ISO 8601 in UTC. */
  updatedAt: string;
}

/** A product as the list shows it. */
export interface ProductRow {
  /** The id of the product. It never changes. */
  id: string;
  /** What it is ordered by. */
  sku: string;
  title: string;
  brand: string;
  category: string;
  listPrice: Money;
  /** When it changed last. ISO 8601 in UTC. */
  updatedAt: string;
}

/** The stock of a product. */
export interface ProductStock {
  /** Whether it can be ordered. More values may be added: treat one you do not know as any other. */
  status: 'in_stock' | 'low' | 'out_of_stock' | (string & {});
  /** Pieces that can be ordered now. */
  available: number;
}

/** How much there is of a sku. */
export interface Stock {
  sku: string;
  /** The id of the product. It never changes. */
  productId: string;
  /** Pieces that can be ordered now. */
  available: number;
  /** Whether it can be ordered. More values may be added: treat one you do not know as any other. */
  status: 'in_stock' | 'low' | 'out_of_stock' | (string & {});
  restockAt: string | null;
  /** When it changed last. ISO 8601 in UTC. */
  updatedAt: string;
}

/** One event on its way to one webhook endpoint. */
export interface WebhookDelivery {
  /** The `webhook-id` of all its attempts. It never changes. */
  id: string;
  /** The type of the event. */
  type: string;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** What became of it. More values may be added: treat one you do not know as any other. */
  status: 'waiting' | 'delivered' | 'failed' | (string & {});
  nextAttemptAt: string | null;
  /** The last ten, the oldest first. */
  attempts: Array<{
    /** ISO 8601 in UTC. */
    at: string;
    durationMs: number;
    /** Of the answer. */
    status: number | null;
    failure: 'timeout' | 'connection' | 'tls' | 'address-refused' | (string & {}) | null;
  }>;
}

/** Where a partner hears of what happens. */
export interface WebhookEndpoint {
  /** The id of the webhook endpoint. It never changes. */
  id: string;
  /** Where events are sent. */
  url: string;
  /** The types it hears of. */
  events: string[];
  description: string | null;
  /** The version that `data` is written in. */
  apiVersion: string | null;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** Whether events are sent to it. */
  isEnabled: boolean;
  disabledAt: string | null;
  disabledReason: 'gone' | 'failing' | 'partner' | (string & {}) | null;
}

export interface GetV1ProductsAnswer {
  items: ProductRow[];
  /** The `cursor` of the next page, `null` after the last. */
  next: string | null;
}

export interface GetV1UsageAnswer {
  from: string;
  to: string;
  /** All that counted, from the first to the last day. */
  requests: number;
  /** The days that have requests, in order. */
  days: {
    /** A day of UTC. */
    date: string;
    requests: number;
    endpoints: {
      endpoint: string;
      requests: number;
    }[];
  }[];
  /** The same by the id of the API key. */
  keys: {
    key: string;
    requests: number;
  }[];
  /** The same by the version of the API. */
  versions: Array<{
    version: string | null;
    requests: number;
  }>;
}

export interface GetV1WebhookEndpointsAnswer {
  items: WebhookEndpoint[];
  next: string | null;
}

export interface PostV1WebhookEndpointsBody {
  /** An https URL on the Internet; port 443, or one from 1024. Redirects are not followed. */
  url: string;
  /** The events to hear of. */
  events: readonly 'order.updated'[];
  description?: string | undefined;
  /** The version that `data` is written in. Default the one the partner is pinned to. */
  apiVersion?: string | undefined;
}

export interface PatchV1WebhookEndpointsByIdBody {
  /** An https URL on the Internet; port 443, or one from 1024. Redirects are not followed. */
  url?: string | undefined;
  /** The events to hear of. */
  events?: readonly 'order.updated'[] | undefined;
  description?: string | null | undefined;
  apiVersion?: string | undefined;
  /** Switches it off, or on again. What happens meanwhile is not sent later. */
  isEnabled?: boolean | undefined;
}

export interface DeleteV1WebhookEndpointsByIdAnswer {
  id: string;
  isDeleted: boolean;
}

export interface GetV1WebhookEndpointsByIdDeliveriesAnswer {
  items: WebhookDelivery[];
  /** The `cursor` of the next page, `null` after the last. */
  next: string | null;
}

/** What every endpoint may answer with. */
export type AnyCode =
  | 'api-key-expired' | 'api-key-revoked' | 'bad-request-header' | 'bad-request-target'
  | 'credential-in-url' | 'deadline-exceeded' | 'dependency-unavailable' | 'insufficient-scope'
  | 'internal' | 'invalid-api-key' | 'invalid-token' | 'ip-not-allowed' | 'not-signed-in' | 'overloaded'
  | 'rate-limited' | 'shutting-down' | 'unknown-version' | 'validation-failed' | 'wrong-environment';

/** What went wrong (RFC 9457). Match on `code`; codes are added, never renamed. */
export interface Problem<Code extends string = string> {
  /** `urn:bffkit:problem:` and the code; for a used up limit the registered `quota-exceeded`. */
  type: string;
  /** The same for every problem with this code. */
  title: string;
  /** The status of the answer. */
  status: number;
  /** What to match on. Codes are added, never renamed. */
  code: Code | (string & {});
  /** What went wrong this time. For people; it may change. */
  detail?: string;
  /** Names the request: for whoever looks into it. */
  requestId: string;
  /** Every fault of the input. */
  errors?: {
    /** Into params, query and body. */
    pointer: string;
    /** What is wrong there. */
    detail: string;
  }[];
  /** The limits that are used up, by name. */
  'violated-policies'?: string[];
  /** What would have been accepted. */
  supported?: string[];
  /** The page that explains it. */
  docs?: string;
}

/** One endpoint: its good answer or a problem. */
export type Operation<Input, Status extends number, Answer, ProblemStatus extends number, Code extends string> =
  | { input: Input; output: Answer; outputFormat: 'json'; status: Status }
  | { input: Input; output: Problem<Code>; outputFormat: 'json'; status: ProblemStatus };
