/**
 * Files that are what partners built on, and so never change: their hashes are kept, and new files are added.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const frozenFile = new URL('../openapi/frozen.json', import.meta.url);
const patterns = ['test/partner-compat/*/*.json', 'test/openapi/released/*.json'];

/** SHA-256 by path. */
export type Hashes = Readonly<Record<string, string>>;

/** What the files are now. */
export function hashesNow(): Hashes {
  const files = globSync(patterns, { cwd: root }).map((file) => file.replaceAll('\\', '/'));
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash('sha256')
        .update(readFileSync(`${root}/${file}`))
        .digest('hex'),
    ]),
  );
}

/** What they were when they were added. */
export function hashesKept(): Hashes {
  return z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(frozenFile, 'utf8')));
}

/** Sentences about files that are not what they were. */
export function thawed(kept: Hashes, now: Hashes): string[] {
  return Object.entries(kept).flatMap(([file, hash]) => {
    if (now[file] === hash) return [];
    const became = now[file] === undefined ? 'is gone' : 'was changed';
    return [`${file} ${became}: partners built on it, so take the change back and make a new version`];
  });
}
