/**
 * The API of the BFF 'mobile'.
 *
 * Written by `bffkit client mobile`: do not edit.
 */

export type MobileApi = {
  '/v1/feed': {
    /** What is new for the caller, page by page; the first page also suggests products. */
    $get: Operation<
      {
        query?: {
          cursor?: string | undefined;
          /** The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all. */
          fields?: string | undefined;
        } | undefined;
      },
      200,
      GetV1FeedAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'insufficient-scope' | 'invalid-cursor' | 'not-found'
    >;
  };
  '/v1/home': {
    /** The first screen: the latest orders, the unread count and a few products, in one round trip. */
    $get: Operation<
      {
        query?: {
          /** The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all. */
          fields?: string | undefined;
        } | undefined;
      },
      200,
      GetV1HomeAnswer,
      400 | 401 | 403 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'insufficient-scope' | 'not-found'
    >;
  };
  '/v1/notifications': {
    /** What the shop has told the caller, newest first, and how much of it is unread. */
    $get: Operation<
      {
        query?: {
          /** Items per page. */
          limit?: number | undefined;
          /** `next` of the page before. Without it you get the first page. */
          cursor?: string | undefined;
          /** The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all. */
          fields?: string | undefined;
        } | undefined;
      },
      200,
      GetV1NotificationsAnswer,
      400 | 401 | 403 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'insufficient-scope' | 'invalid-cursor'
    >;
  };
  '/v1/orders': {
    /** The orders of the caller, newest first, each with the picture of its first line. */
    $get: Operation<
      {
        query?: {
          /** Items per page. */
          limit?: number | undefined;
          /** `next` of the page before. Without it you get the first page. */
          cursor?: string | undefined;
          /** The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all. */
          fields?: string | undefined;
        } | undefined;
      },
      200,
      GetV1OrdersAnswer,
      400 | 401 | 403 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'insufficient-scope' | 'invalid-cursor'
    >;
  };
  '/v1/products/:id': {
    /** A product with the caller’s price, its stock and the latest reviews. */
    $get: Operation<
      {
        param: {
          id: string;
        };
        query?: {
          /** The fields of the answer that are wanted, such as `id,lines(sku,qty)` or `lines.sku`. Default all. */
          fields?: string | undefined;
        } | undefined;
      },
      200,
      GetV1ProductsByIdAnswer,
      400 | 401 | 404 | 429 | 500 | 502 | 503 | 504,
      AnyCode | 'not-found'
    >;
  };
};

export interface GetV1FeedAnswerItemsTotal {
  amount: number;
  currency: string;
}

export interface GetV1FeedAnswer {
  name: string | null;
  items: Array<{
    type: 'order';
    id: string;
    at: string;
    status: string;
    title: string;
    total: GetV1FeedAnswerItemsTotal;
  } | {
    type: 'news';
    id: string;
    at: string;
    title: string;
    body: string;
    link: string;
    read: boolean;
  }>;
  suggestions: Array<{
    id: string;
    title: string;
    imageUrl: string | null;
    reason: string;
    price: GetV1FeedAnswerItemsTotal;
    rating: {
      average: number;
      count: number;
    } | null;
  }>;
  next: string | null;
}

export interface GetV1HomeAnswer {
  name: string;
  unread: number | null;
  orders: {
    id: string;
    status: string;
    title: string;
  }[];
  recommended: Array<{
    id: string;
    title: string;
    price: GetV1FeedAnswerItemsTotal;
    imageUrl: string | null;
  }>;
}

export interface GetV1NotificationsAnswer {
  items: {
    id: string;
    kind: string;
    title: string;
    body: string;
    link: string;
    read: boolean;
    createdAt: string;
  }[];
  /** The `cursor` of the next page, `null` after the last. */
  next: string | null;
  unread: number;
}

export interface GetV1OrdersAnswer {
  items: Array<{
    id: string;
    status: string;
    placedAt: string;
    total: GetV1FeedAnswerItemsTotal;
    title: string;
    imageUrl: string | null;
    lines: number;
  }>;
  /** The `cursor` of the next page, `null` after the last. */
  next: string | null;
}

export interface GetV1ProductsByIdAnswer {
  id: string;
  title: string;
  subtitle: string;
  description: string;
  brand: string;
  imageUrls: string[];
  rating: {
    average: number;
    count: number;
  };
  price: {
    list: GetV1FeedAnswerItemsTotal;
    now: GetV1FeedAnswerItemsTotal;
    promotion: string | null;
  };
  stock: string | null;
  reviews: {
    id: string;
    author: string;
    rating: number;
    title: string;
  }[];
}

/** What every endpoint may answer with. */
export type AnyCode =
  | 'bad-request-header' | 'bad-request-target' | 'circuit-open' | 'credential-in-url'
  | 'deadline-exceeded' | 'dependency-unavailable' | 'internal' | 'invalid-token' | 'not-signed-in'
  | 'overloaded' | 'rate-limited' | 'shutting-down' | 'upstream-bad-answer' | 'upstream-broken-answer'
  | 'upstream-busy' | 'upstream-error' | 'upstream-rejected' | 'upstream-timeout'
  | 'upstream-unreachable' | 'validation-failed';

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
