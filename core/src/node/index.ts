/**
 * `bffkit/node`: serving with Node's HTTP server.
 *
 * @module
 */
export type { TlsOptions } from './certificate.ts';
export { runMain } from './run-main.ts';
export { type RunningBff, serve } from './serve.ts';
export { type ServeDefaults, serveEnv } from './serve-env.ts';
export type { ServeOptions } from './serve-options.ts';
export type { ServerLimits } from './server-limits.ts';
