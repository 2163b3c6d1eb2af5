/**
 * The documents of a BFF: one, or one per dated version.
 *
 * @module
 */
import { versionsOf } from '../versions/open-versions.ts';
import type { OpenApiDocument } from './document.ts';
import { type Described, writeDocument } from './write-document.ts';

/**
 * Writes the document of the endpoints as they are declared: of the newest version, where there are versions. The same
 * declarations give the same text, byte for byte.
 *
 * @throws {RangeError} when two schemas have one id, or one has an id that cannot stand in a document.
 */
export function openApiOf(bff: Described): OpenApiDocument {
  return writeDocument(bff, versionsOf(bff)[0]);
}

/**
 * Writes the document of `bff`: in its newest version, or in `version`.
 *
 * @throws {RangeError} for a version it does not have; the message lists those it has.
 */
export function documentOf(bff: Described, version?: string): OpenApiDocument {
  if (version === undefined) return openApiOf(bff);
  const all = versionsOf(bff);
  const found = all.find((one) => one.version === version);
  if (found !== undefined) return writeDocument(bff, found);
  const known = all.map((one) => one.version).join(', ') || 'none';
  throw new RangeError(`openapi: ${bff.name} must have the version '${version}'; it has ${known}`);
}
