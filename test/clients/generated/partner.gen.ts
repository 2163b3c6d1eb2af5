/**
 * The API of the BFF 'partner'.
 *
 * Written by `bffkit client partner`: do not edit.
 */

export type PartnerApi = {
  '/v1/inventory/:sku': {
    /** How much of a sku can be ordered. */
    $get: Operation<
      {
        param: {
          sku: string;
        };
      },
      200,
      GetV1InventoryBySkuAnswer,
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
        json: PostV1OrdersBody;
      },
      201,
      GetV1OrdersByIdAnswer,
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
          id: string;
        };
      },
      200,
      GetV1OrdersByIdAnswer,
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
          limit?: number | undefined;
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
          id: string;
        };
      },
      200,
      GetV1ProductsByIdAnswer,
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
};

export interface GetV1OrdersByIdAnswer {
  id: string;
  reference: string | null;
  status: string;
  placedAt: string;
  updatedAt: string;
  lines: {
    sku: string;
    title: string;
    quantity: number;
    unitPrice: GetV1OrdersByIdAnswerLinesUnitPrice;
  }[];
  total: GetV1OrdersByIdAnswerLinesUnitPrice;
  shippingAddress: {
    line1: string;
    city: string;
    postcode: string;
    country: string;
  };
}

export interface GetV1OrdersByIdAnswerLinesUnitPrice {
  amount: number;
  currency: string;
}

export interface GetV1InventoryBySkuAnswer {
  sku: string;
  productId: string;
  available: number;
  status: string;
  restockAt: string | null;
  updatedAt: string;
}

export interface PostV1OrdersBody {
  reference?: string | undefined;
  lines: readonly {
    sku: string;
    quantity: number;
  }[];
}

export interface GetV1ProductsAnswer {
  items: {
    id: string;
    sku: string;
    title: string;
    brand: string;
    category: string;
    listPrice: GetV1OrdersByIdAnswerLinesUnitPrice;
    updatedAt: string;
  }[];
  next: string | null;
}

export interface GetV1ProductsByIdAnswer {
  id: string;
  sku: string;
  title: string;
  subtitle: string;
  description: string;
  brand: string;
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
  listPrice: GetV1OrdersByIdAnswerLinesUnitPrice;
  price: {
    now: GetV1OrdersByIdAnswerLinesUnitPrice;
    validUntil: string;
  } | null;
  stock: {
    status: string;
    available: number;
  } | null;
  updatedAt: string;
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

/** What every endpoint may answer with. */
export type AnyCode =
  | 'api-key-expired' | 'api-key-revoked' | 'bad-request-header' | 'bad-request-target'
  | 'credential-in-url' | 'deadline-exceeded' | 'dependency-unavailable' | 'insufficient-scope'
  | 'internal' | 'invalid-api-key' | 'invalid-token' | 'ip-not-allowed' | 'not-signed-in' | 'overloaded'
  | 'rate-limited' | 'shutting-down' | 'validation-failed' | 'wrong-environment';

/** What went wrong (RFC 9457). Match on `code`; codes are added, never renamed. */
export interface Problem<Code extends string = string> {
  /** `urn:bffkit:problem:` and the code; for a used up limit the registered `quota-exceeded`. */
  type: string;
  title: string;
  status: number;
  code: Code | (string & {});
  detail?: string;
  /** For whoever looks into it. */
  requestId: string;
  errors?: {
    /** Into params, query and body. */
    pointer: string;
    detail: string;
  }[];
  /** The limits that are used up, by name. */
  'violated-policies'?: string[];
}

/** One endpoint: its good answer or a problem. */
export type Operation<Input, Status extends number, Answer, ProblemStatus extends number, Code extends string> =
  | { input: Input; output: Answer; outputFormat: 'json'; status: Status }
  | { input: Input; output: Problem<Code>; outputFormat: 'json'; status: ProblemStatus };
