/**
 * The API of the BFF 'web'.
 *
 * Written by `bffkit client web`: do not edit.
 */

export type WebApi = {
  '/api/account': {
    /** The caller’s own account. */
    $get: Operation<
      {},
      200,
      GetApiAccountAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'insufficient-scope' | 'not-found'
        | 'not-signed-in' | 'session-ended' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/cart/items': {
    /** Puts a product into the caller’s cart. */
    $post: Operation<
      {
        json: PostApiCartItemsBody;
      },
      201,
      PostApiCartItemsAnswer,
      400 | 401 | 403 | 404 | 408 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'body-too-large' | 'circuit-open' | 'csrf-failed' | 'insufficient-scope'
        | 'invalid-json' | 'not-found' | 'not-signed-in' | 'request-timeout' | 'session-ended'
        | 'unprocessable' | 'unsupported-media-type' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/home': {
    /** Everything the home screen shows, in one round trip. */
    $get: Operation<
      {
        query?: {
          orders?: number | undefined;
        } | undefined;
      },
      200,
      GetApiHomeAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'insufficient-scope' | 'not-found'
        | 'not-signed-in' | 'session-ended' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/orders': {
    /** The orders of the caller, newest first. */
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
      GetApiOrdersAnswer,
      400 | 401 | 403 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'insufficient-scope' | 'invalid-cursor'
        | 'not-signed-in' | 'session-ended' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/orders/:id': {
    /** One order of the caller, with pictures of what was bought. */
    $get: Operation<
      {
        param: {
          id: string;
        };
      },
      200,
      GetApiOrdersByIdAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'insufficient-scope' | 'not-found'
        | 'not-signed-in' | 'session-ended' | 'upstream-bad-answer' | 'upstream-broken-answer'
        | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
        | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/products/:id': {
    /** The product page: the product with its price, stock, reviews and related products. */
    $get: Operation<
      {
        param: {
          id: string;
        };
        query?: {
          reviews?: number | undefined;
        } | undefined;
      },
      200,
      GetApiProductsByIdAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'not-found' | 'upstream-bad-answer'
        | 'upstream-broken-answer' | 'upstream-busy' | 'upstream-error' | 'upstream-rejected'
        | 'upstream-timeout' | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/api/search': {
    /** Products that match a text, with the caller’s prices. */
    $get: Operation<
      {
        query: {
          q: string;
          /** Items per page. */
          limit?: number | undefined;
          /** `next` of the page before. Without it you get the first page. */
          cursor?: string | undefined;
        };
      },
      200,
      GetApiSearchAnswer,
      400 | 401 | 403 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'circuit-open' | 'csrf-failed' | 'invalid-cursor' | 'upstream-bad-answer'
        | 'upstream-broken-answer' | 'upstream-busy' | 'upstream-error' | 'upstream-rejected'
        | 'upstream-timeout' | 'upstream-unreachable' | 'validation-failed'
    >;
  };
  '/bff/backchannel-logout': {
    /** Ends sessions; the identity provider calls it. */
    $post: Operation<
      {},
      200,
      unknown,
      400 | 401 | 429 | 500 | 503 | 504,
      AnyCode | 'not-signed-in' | 'session-ended'
    >;
  };
  '/bff/user': {
    /** Who is signed in, and for how long. */
    $get: Operation<
      {
        query?: {
          slide?: 'true' | 'false' | undefined;
        } | undefined;
      },
      200,
      unknown,
      400 | 401 | 403 | 429 | 500 | 503 | 504,
      AnyCode | 'csrf-failed' | 'not-signed-in' | 'session-ended' | 'validation-failed'
    >;
  };
};

export interface GetApiAccountAnswerAddress {
  line1: string;
  city: string;
  postcode: string;
  country: string;
}

export interface GetApiHomeAnswerOrdersTotal {
  amount: number;
  currency: string;
}

export type GetApiProductsByIdAnswerHtmlMetaJsonLd = string | number | boolean | null | GetApiProductsByIdAnswerHtmlMetaJsonLd[] | { [name: string]: GetApiProductsByIdAnswerHtmlMetaJsonLd };

export interface GetApiAccountAnswer {
  id: string;
  name: string;
  email: string;
  phone: string;
  locale: string;
  tier: string;
  avatarUrl: string;
  address: GetApiAccountAnswerAddress;
  loyaltyPoints: number;
}

export interface PostApiCartItemsBody {
  productId: string;
  quantity: number;
}

export interface PostApiCartItemsAnswer {
  items: Array<{
    productId: string;
    quantity: number;
    title: string | null;
  }>;
}

export interface GetApiHomeAnswer {
  greeting: string;
  tier: string;
  unread: number | null;
  orders: {
    id: string;
    status: string;
    placedAt: string;
    total: GetApiHomeAnswerOrdersTotal;
    titles: string[];
  }[];
  recommended: Array<{
    id: string;
    title: string;
    price: GetApiHomeAnswerOrdersTotal;
    imageUrl: string | null;
  }>;
}

export interface GetApiOrdersAnswer {
  items: {
    id: string;
    status: string;
    placedAt: string;
    total: GetApiHomeAnswerOrdersTotal;
    articles: number;
  }[];
  /** The `cursor` of the next page, `null` after the last. */
  next: string | null;
}

export interface GetApiOrdersByIdAnswer {
  id: string;
  status: string;
  placedAt: string;
  total: GetApiHomeAnswerOrdersTotal;
  shippingAddress: GetApiAccountAnswerAddress;
  lines: Array<{
    productId: string;
    title: string;
    quantity: number;
    unitPrice: GetApiHomeAnswerOrdersTotal;
    imageUrl: string | null;
  }>;
}

export interface GetApiProductsByIdAnswer {
  id: string;
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
  rating: {
    average: number;
    count: number;
  };
  price: {
    list: GetApiHomeAnswerOrdersTotal;
    now: GetApiHomeAnswerOrdersTotal;
    promotion: string | null;
  };
  stock: {
    status: string;
    available: number;
    restockAt: string | null;
  } | null;
  reviews: {
    id: string;
    author: string;
    rating: number;
    title: string;
    body: string;
    verified: boolean;
    createdAt: string;
  }[];
  related: Array<{
    id: string;
    title: string;
    price: GetApiHomeAnswerOrdersTotal;
    imageUrl: string | null;
  }>;
  html: {
    meta: {
      title: string;
      description?: string;
      canonical?: string;
      robots?: string;
      openGraph?: {
        type?: 'website' | 'article' | 'product' | 'profile' | (string & {});
        title?: string;
        description?: string;
        url?: string;
        image?: string;
        imageAlt?: string;
        siteName?: string;
        locale?: string;
      };
      jsonLd?: { [name: string]: GetApiProductsByIdAnswerHtmlMetaJsonLd }[];
    };
    preload: Array<{
      href: string;
      rel?: 'preload' | 'modulepreload' | 'preconnect' | (string & {});
      as?: 'script' | 'style' | 'image' | 'font' | 'fetch' | 'document' | 'track' | 'worker' | (string & {});
      type?: string;
      crossorigin?: 'anonymous' | 'use-credentials' | (string & {});
      fetchpriority?: 'high' | 'low' | 'auto' | (string & {});
    }>;
  };
}

export interface GetApiSearchAnswer {
  items: Array<{
    id: string;
    title: string;
    subtitle: string;
    brand: string;
    imageUrl: string | null;
    rating: {
      average: number;
      count: number;
    };
    price: GetApiHomeAnswerOrdersTotal;
    promotion: string | null;
  }>;
  facets: {
    category: string;
    count: number;
  }[];
  total: number;
  next: string | null;
}

/** What every endpoint may answer with. */
export type AnyCode =
  | 'bad-request-header' | 'bad-request-target' | 'credential-in-url' | 'deadline-exceeded'
  | 'dependency-unavailable' | 'internal' | 'invalid-token' | 'overloaded' | 'rate-limited'
  | 'shutting-down';

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
