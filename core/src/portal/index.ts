/**
 * `bffkit/portal`: the documentation of a BFF as pages of the BFF itself.
 *
 * @module
 */
export type { Portal } from '../portal-part.ts';
export { docsPortal } from './docs-portal.ts';
export type { DocsPortalOptions, TryItOptions } from './portal-options.ts';
