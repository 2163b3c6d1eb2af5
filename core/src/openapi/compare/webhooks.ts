/**
 * Events: what receivers get of them must still be there, in the form it had.
 *
 * @module
 */
import type { OpenApiDocument } from '../document.ts';
import { addedMembers } from './additions.ts';
import { type ApiChange, notesFor } from './change.ts';
import { compareSchemas } from './fit.ts';
import type { Placed } from './schemas.ts';

export function compareWebhooks(before: OpenApiDocument, after: OpenApiDocument, changes: ApiChange[]): void {
  const [old, now] = [before.webhooks ?? {}, after.webhooks ?? {}];
  for (const type of Object.keys(old)) {
    const notes = notesFor(`webhook ${type}`, changes);
    if (now[type] === undefined) {
      notes.breaking('', 'is not sent any more');
      continue;
    }
    const [was, is] = [bodyOf(before, type), bodyOf(after, type)];
    for (const { place, what } of compareSchemas(is, was, 'answer'))
      notes.breaking(`body ${place}`.trim(), what);
    for (const name of addedMembers(was, is)) notes.additive(`body ${name}`, 'is there too');
  }
  for (const type of Object.keys(now))
    if (old[type] === undefined) notesFor(`webhook ${type}`, changes).additive('', 'is new');
}

function bodyOf(document: OpenApiDocument, type: string): Placed {
  const media = document.webhooks?.[type]?.post.requestBody.content['application/json'];
  return { schema: media?.schema ?? {}, document };
}
