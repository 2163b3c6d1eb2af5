/**
 * Who may call: each way that was enough must still be enough.
 *
 * @module
 */
import type { OpenApiOperation, SecurityRequirement } from '../document.ts';
import type { Notes } from './change.ts';

export function compareSecurity(before: OpenApiOperation, after: OpenApiOperation, notes: Notes): void {
  for (const way of before.security) {
    if (after.security.some((now) => isWithin(now, way))) continue;
    notes.breaking(
      'security',
      `asks for more than ${wordsOf(way)}: ${after.security.map(wordsOf).join(', or ')}`,
    );
  }
  const roles = (after['x-roles'] ?? []).filter((role) => before['x-roles']?.includes(role) !== true);
  for (const role of roles) notes.breaking('security', `asks for the role ${role}`);
  for (const way of after.security) {
    if (!before.security.some((one) => isWithin(one, way)))
      notes.additive('security', `takes ${wordsOf(way)} too`);
  }
}

/** Whether `asked` is no more than `had`. */
function isWithin(asked: SecurityRequirement, had: SecurityRequirement): boolean {
  return Object.entries(asked).every(
    ([scheme, scopes]) => scopes.every((scope) => had[scheme]?.includes(scope)) && Object.hasOwn(had, scheme),
  );
}

function wordsOf(way: SecurityRequirement): string {
  const parts = Object.entries(way).map(([scheme, scopes]) => [scheme, ...scopes].join(' '));
  return parts.join(' and ') || 'nothing';
}
