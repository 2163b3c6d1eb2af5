/**
 * The types of a client. `Api` has the form of a schema of hono: paths, `$get` and the like, and for each of them its
 * good answer or a problem.
 *
 * @module
 */

/** A problem document (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** `no-problem` when something between answered that does not speak RFC 9457. */
  readonly code: string;
  readonly detail?: string;
  readonly requestId: string;
}

/** What an endpoint answered. */
export type Answer<Value, Error> =
  | { readonly ok: true; readonly status: number; readonly headers: Headers; readonly value: Value }
  | { readonly ok: false; readonly status: number; readonly headers: Headers; readonly error: Error };

/** What a request may have beside its input. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call, also while it waits to try again. */
  readonly signal?: AbortSignal;
}

/** How often a write may be done. */
export interface WriteOptions extends RequestOptions {
  /** True makes an `Idempotency-Key`, a text is one, false sends none. Default that of the client. */
  readonly once?: boolean | string;
}

export interface Client<Api> {
  get: Ask<Api, 'get', RequestOptions>;
  post: Ask<Api, 'post', WriteOptions>;
  put: Ask<Api, 'put', WriteOptions>;
  patch: Ask<Api, 'patch', WriteOptions>;
  delete: Ask<Api, 'delete', WriteOptions>;
}

/** The answer of an endpoint, by its path and method: `ValueOf<PartnerApi, '/v1/orders/:id', 'get'>`. */
export type ValueOf<Api, Path extends keyof Api, M extends Method> = OutputOf<
  Good<OperationAt<Api, Path, M>>
>;

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type GoodStatus = 200 | 201 | 202 | 203 | 204;

type Ask<Api, M extends Method, Options> = <Path extends PathsWith<Api, M>>(
  path: Path,
  ...request: RequestArgs<InputOf<OperationAt<Api, Path, M>>, Options>
) => Promise<Answer<OutputOf<Good<OperationAt<Api, Path, M>>>, OutputOf<Bad<OperationAt<Api, Path, M>>>>>;

type PathsWith<Api, M extends Method> = {
  [Path in keyof Api]: Api[Path] extends Readonly<Record<`$${M}`, unknown>> ? Path : never;
}[keyof Api] &
  string;

type OperationAt<Api, Path extends keyof Api, M extends Method> =
  Api[Path] extends Readonly<Record<`$${M}`, infer Operation>> ? Operation : never;

type Good<Operation> = Extract<Operation, { readonly status: GoodStatus }>;
type Bad<Operation> = Exclude<Operation, { readonly status: GoodStatus }>;
type OutputOf<Operation> = Operation extends { readonly output: infer Output } ? Output : never;
/** The key of a write is made by the client. */
type InputOf<Operation> = Operation extends { readonly input: infer Input } ? Omit<Input, 'header'> : never;

/** A request is left out where nothing in it is needed. */
type RequestArgs<Input, Options> =
  Record<never, never> extends Input ? [request?: Input & Options] : [request: Input & Options];
