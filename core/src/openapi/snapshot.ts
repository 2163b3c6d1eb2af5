/**
 * A document as a file that is reviewed: the same on every machine, one fact a line.
 *
 * @module
 */
import type { OpenApiDocument } from './document.ts';
import { type HoistedDocument, hoisted, lowered } from './hoist.ts';
import { prettyJson } from './pretty-json.ts';

/** The document wherever it is served: addresses of its own origin begin with `/`. */
function portable(document: OpenApiDocument): OpenApiDocument {
  const servers = [{ url: '/', description: 'Where this document is served.' }];
  const [server] = document.servers ?? [];
  if (server === undefined) return { ...document, servers };
  const text = JSON.stringify(document).replaceAll(`"${server.url.replace(/\/$/, '')}/`, '"/');
  return { ...(JSON.parse(text) as OpenApiDocument), servers };
}

/** The text of the file. */
export function snapshotText(document: OpenApiDocument): string {
  return prettyJson(hoisted(portable(document)));
}

/** The document that the text of a file was made of. */
export function readSnapshot(text: string): OpenApiDocument {
  return lowered(JSON.parse(text) as HoistedDocument);
}
