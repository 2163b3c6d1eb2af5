/**
 * `bffkit/node`: serving with Node's HTTP server.
 *
 * @module
 */
export { runMain } from './run-main.ts';
export { type RunningBff, type ServeOptions, serve } from './serve.ts';
