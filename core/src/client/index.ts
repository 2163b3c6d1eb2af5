/**
 * `bffkit/client`: what a consumer of a BFF needs, in browsers and in Node.
 *
 * @module
 */
export type { Answer, Client, Problem, RequestOptions, ValueOf, WriteOptions } from './client-types.ts';
export { type ClientOptions, createClient } from './create-client.ts';
export {
  acceptProgressive,
  applyPatch,
  type OnUpdate,
  type ProgressiveAnswer,
  ProgressiveFailure,
  readProgressive,
} from './read-progressive.ts';
