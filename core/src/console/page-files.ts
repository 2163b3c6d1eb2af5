/**
 * The files of the page, as they lie in the package: no build, nothing from elsewhere. They are read when somebody
 * asks first, and from then on are in memory.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface PageFile {
  readonly body: string;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** Nothing but files of this page and data of this origin; no markup that came as text. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-cache',
};

let files: ReadonlyMap<string, PageFile> | undefined;

/** A file of the page by its name, such as `app.js`. */
export function pageFile(name: string): PageFile | undefined {
  files ??= readFiles();
  return files.get(name);
}

function readFiles(): Map<string, PageFile> {
  const folder = new URL('page/', import.meta.url);
  const names = readdirSync(fileURLToPath(folder)).filter((name) => types[extensionOf(name)] !== undefined);
  return new Map(
    names.map((name) => [
      name,
      { body: readFileSync(new URL(name, folder), 'utf8'), type: types[extensionOf(name)] ?? '' },
    ]),
  );
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
