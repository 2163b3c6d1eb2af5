/**
 * `bffkit/openapi`: the OpenAPI documents of a BFF, written from its declarations, so that what they say about
 * access, input and answers is what the gateway does.
 *
 * @module
 */
export { versionsOf } from '../versions/open-versions.ts';
export type { ApiChange } from './compare/change.ts';
export { changeLines } from './compare/change-lines.ts';
export { compareDocuments } from './compare/compare.ts';
export type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiResponse,
  SecurityRequirement,
  SecurityScheme,
} from './document.ts';
export { documentOf, openApiOf } from './documents.ts';
export { readSnapshot, snapshotText } from './snapshot.ts';
