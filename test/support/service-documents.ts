/**
 * The OpenAPI documents that the running services publish.
 *
 * @module
 */
import type { OpenApiDocument } from './open-api.ts';

/** Reads `{url}/openapi.json` of every service; whoever publishes none is left out. */
export async function readDocuments(
  urls: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, OpenApiDocument>> {
  const read = Object.entries(urls).map(async ([name, url]) => {
    const response = await fetch(`${url}/openapi.json`);
    const text = await response.text();
    return response.ok ? [[name, JSON.parse(text) as OpenApiDocument] as const] : [];
  });
  return new Map((await Promise.all(read)).flat());
}

/** @throws {Error} when the service is not there or publishes no document. */
export function documentOf(
  documents: ReadonlyMap<string, OpenApiDocument>,
  service: string,
): OpenApiDocument {
  const document = documents.get(service);
  if (document !== undefined) return document;
  throw new Error(
    `no service '${service}' publishes a document; there are ${[...documents.keys()].join(', ')}`,
  );
}
