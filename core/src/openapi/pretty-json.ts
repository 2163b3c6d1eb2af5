/**
 * JSON as a file that is reviewed: one member a line, short lists on one. Formatters write it so too, and leave the
 * file alone.
 *
 * @module
 */

const lineWidth = 110;

/** The text of a file. */
export function prettyJson(value: unknown): string {
  return `${lines(JSON.parse(JSON.stringify(value)), { indent: '', room: lineWidth })}\n`;
}

/** Where a value is written: how far in its lines are, and how many characters are left on the first of them. */
interface Line {
  readonly indent: string;
  readonly room: number;
}

function lines(value: unknown, { indent, room }: Line): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Object.entries(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null)) {
    const flat = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (flat.length <= room) return flat;
  }
  const texts = parts.map(([name, part], index) => {
    const start = inner + (Array.isArray(value) ? '' : `${JSON.stringify(name)}: `);
    const comma = index === parts.length - 1 ? '' : ',';
    return start + lines(part, { indent: inner, room: lineWidth - start.length - comma.length }) + comma;
  });
  return `${open}\n${texts.join('\n')}\n${indent}${close}`;
}
