/**
 * Styles and scripts of the pages, as they lie in the package: no build, nothing from elsewhere.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Asset {
  readonly type: string;
  readonly body: string;
}

export interface Assets {
  /** Names all of them together. */
  readonly hash: string;
  readonly files: ReadonlyMap<string, Asset>;
}

/** One style of several files, in this order. */
const styles = [
  'theme.css',
  'base.css',
  'frame.css',
  'contents.css',
  'prose.css',
  'callout.css',
  'code.css',
  'reference.css',
  'try-it.css',
  'search.css',
  'narrow.css',
];

const types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

let known: Assets | undefined;

/** Reads the files; they are the same for every portal. */
export function readAssets(): Assets {
  known ??= read();
  return known;
}

function read(): Assets {
  const folder = new URL('page/', import.meta.url);
  const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  const files = new Map<string, Asset>([
    ['portal.css', { type: types.css, body: styles.map(textOf).join('\n') }],
  ]);
  for (const name of readdirSync(fileURLToPath(folder))) {
    const type = name.endsWith('.js') ? types.js : name.endsWith('.svg') ? types.svg : undefined;
    if (type !== undefined) files.set(name, { type, body: textOf(name) });
  }
  const all = [...files].map(([name, { body }]) => `${name}\n${body}`).join('\n');
  return { hash: hash('sha256', all, 'hex').slice(0, 12), files };
}
