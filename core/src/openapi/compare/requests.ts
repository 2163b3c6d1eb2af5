/**
 * What clients send: parameters and bodies. What was taken must still be taken, and no more be asked for.
 *
 * @module
 */
import type { OpenApiDocument, OpenApiOperation, Parameter } from '../document.ts';
import { addedMembers } from './additions.ts';
import type { Notes } from './change.ts';
import { compareSchemas } from './fit.ts';
import type { AnySchema } from './schemas.ts';

/** One operation as both documents have it. */
export interface Both {
  readonly before: { readonly operation: OpenApiOperation; readonly document: OpenApiDocument };
  readonly after: { readonly operation: OpenApiOperation; readonly document: OpenApiDocument };
}

export function compareParameters({ before, after }: Both, notes: Notes): void {
  const old = parametersOf(before.operation);
  const now = parametersOf(after.operation);
  for (const [key, parameter] of old) {
    const place = placeOf(parameter);
    const same = now.get(key);
    if (same === undefined) {
      notes.breaking(place, 'is gone');
      continue;
    }
    if (same.required && !parameter.required) notes.breaking(place, 'is required now');
    if (parameter.required && !same.required) notes.additive(place, 'is optional now');
    compareSent({ place, old: parameter.schema, now: same.schema }, { before, after }, notes);
  }
  for (const [key, parameter] of now) {
    if (old.has(key)) continue;
    if (parameter.required) notes.breaking(placeOf(parameter), 'is new and required');
    else notes.additive(placeOf(parameter), 'is new');
  }
}

export function compareBodies(both: Both, notes: Notes): void {
  const { requestBody: old } = both.before.operation;
  const { requestBody: now } = both.after.operation;
  if (old === undefined) {
    if (now?.required === true) notes.breaking('body', 'is new and required');
    else if (now !== undefined) notes.additive('body', 'is new');
    return;
  }
  if (now === undefined) {
    notes.breaking('body', 'is not taken any more');
    return;
  }
  if (now.required && !old.required) notes.breaking('body', 'is required now');
  const [wasMax = Number.POSITIVE_INFINITY, max = Number.POSITIVE_INFINITY] = [
    old['x-max-bytes'],
    now['x-max-bytes'],
  ];
  if (max < wasMax) notes.breaking('body', `may have ${max} bytes, it was ${wasMax}`);
  for (const [type, { schema = {} }] of Object.entries(old.content)) {
    const same = now.content[type];
    if (same === undefined) notes.breaking('body', `is not taken as ${type} any more`);
    else compareSent({ place: 'body', old: schema, now: same.schema ?? {} }, both, notes);
  }
  for (const type of Object.keys(now.content)) {
    if (old.content[type] === undefined) notes.additive('body', `is taken as ${type} too`);
  }
}

interface SentPart {
  readonly place: string;
  readonly old: AnySchema;
  readonly now: AnySchema;
}

function compareSent({ place, old, now }: SentPart, { before, after }: Both, notes: Notes): void {
  const was = { schema: old, document: before.document };
  const is = { schema: now, document: after.document };
  for (const fault of compareSchemas(was, is, 'request'))
    notes.breaking(`${place} ${fault.place}`.trim(), fault.what);
  for (const name of addedMembers(was, is)) notes.additive(`${place} ${name}`, 'may be sent');
}

/** Those of the path by their position: their names are the document's own. */
function parametersOf({ parameters = [] }: OpenApiOperation): Map<string, Parameter> {
  let position = 0;
  return new Map(
    parameters.map((parameter) => {
      const { in: place, name } = parameter;
      if (place === 'path') position += 1;
      return [
        place === 'path' ? `path ${position}` : `${place} ${place === 'header' ? name.toLowerCase() : name}`,
        parameter,
      ];
    }),
  );
}

function placeOf({ in: place, name }: Parameter): string {
  return `${place} parameter ${name}`;
}
