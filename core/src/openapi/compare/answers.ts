/**
 * What clients get: statuses, headers and bodies. What was there must still be there, in the form it had.
 *
 * @module
 */
import type { OpenApiResponse } from '../document.ts';
import { addedMembers } from './additions.ts';
import type { Notes } from './change.ts';
import { compareSchemas } from './fit.ts';
import type { Both } from './requests.ts';

export function compareAnswers(both: Both, notes: Notes): void {
  const { responses: old } = both.before.operation;
  const { responses: now } = both.after.operation;
  for (const [status, response] of Object.entries(old)) {
    const same = now[status];
    if (same !== undefined) compareAnswer({ status, old: response, now: same }, both, notes);
    else if (status.startsWith('2')) notes.breaking(`answer ${status}`, 'is not given any more');
    else notes.additive(`answer ${status}`, 'is not given any more');
  }
  for (const status of Object.keys(now)) {
    if (old[status] === undefined) notes.additive(`answer ${status}`, 'is new');
  }
}

interface AnswerPart {
  readonly status: string;
  readonly old: OpenApiResponse;
  readonly now: OpenApiResponse;
}

function compareAnswer({ status, old, now }: AnswerPart, { before, after }: Both, notes: Notes): void {
  const place = `answer ${status}`;
  for (const name of Object.keys(old.headers ?? {})) {
    if (now.headers?.[name] === undefined) notes.breaking(place, `has no header ${name} any more`);
  }
  for (const name of Object.keys(now.headers ?? {})) {
    if (old.headers?.[name] === undefined) notes.additive(place, `has the header ${name}`);
  }
  for (const code of now['x-codes'] ?? []) {
    if (old['x-codes']?.includes(code) === false) notes.additive(place, `may have the code ${code}`);
  }
  for (const [type, { schema = {} }] of Object.entries(old.content ?? {})) {
    const same = now.content?.[type];
    if (same === undefined) {
      notes.breaking(place, `is not given as ${type} any more`);
      continue;
    }
    const was = { schema, document: before.document };
    const is = { schema: same.schema ?? {}, document: after.document };
    for (const fault of compareSchemas(is, was, 'answer'))
      notes.breaking(`${place} ${fault.place}`.trim(), fault.what);
    for (const name of addedMembers(was, is)) notes.additive(`${place} ${name}`, 'is there too');
  }
}
