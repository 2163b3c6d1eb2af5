/**
 * Two documents of one API: what a client that was written for the first loses with the second, and what it may gain.
 *
 * @module
 */
import type { OpenApiDocument, OpenApiOperation } from '../document.ts';
import { compareAnswers } from './answers.ts';
import { type ApiChange, notesFor } from './change.ts';
import { compareBodies, compareParameters } from './requests.ts';
import { compareSecurity } from './security.ts';
import { compareWebhooks } from './webhooks.ts';

/** Every difference that a client may notice, operation by operation. Texts for people are none. */
export function compareDocuments(before: OpenApiDocument, after: OpenApiDocument): ApiChange[] {
  const changes: ApiChange[] = [];
  const old = operationsOf(before);
  const now = operationsOf(after);
  for (const [key, { name, operation }] of old) {
    const notes = notesFor(name, changes);
    const same = now.get(key);
    if (same === undefined) {
      notes.breaking('', 'is gone');
      continue;
    }
    const both = {
      before: { operation, document: before },
      after: { operation: same.operation, document: after },
    };
    if (operation.operationId !== same.operation.operationId)
      notes.breaking('', `is called ${same.operation.operationId}, it was ${operation.operationId}`);
    compareSecurity(operation, same.operation, notes);
    compareParameters(both, notes);
    compareBodies(both, notes);
    compareAnswers(both, notes);
  }
  for (const [key, { name }] of now) if (!old.has(key)) notesFor(name, changes).additive('', 'is new');
  compareWebhooks(before, after, changes);
  return changes;
}

interface Named {
  /** `GET /v1/orders/{id}`. */
  readonly name: string;
  readonly operation: OpenApiOperation;
}

/** By method and path, whatever the parameters in it are called. */
function operationsOf({ paths }: OpenApiDocument): Map<string, Named> {
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Named] => {
        const name = `${method.toUpperCase()} ${path}`;
        return [name.replaceAll(/\{[^}]*\}/g, '{}'), { name, operation }];
      }),
    ),
  );
}
