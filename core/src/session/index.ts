/**
 * `bffkit/session`: people in browsers, signed in by OpenID Connect and known by a cookie.
 *
 * @module
 */
export { browserSessions } from './browser-sessions.ts';
export type { BrowserSessionsOptions } from './options.ts';
