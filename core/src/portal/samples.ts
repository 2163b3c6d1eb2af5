/**
 * Samples are real files, so that a test can run what the portal shows: a folder per sample, a file per language.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { CodeVariant } from './code-block.ts';

const files: readonly (readonly [file: string, label: string, language: string])[] = [
  ['curl.sh', 'curl', 'sh'],
  ['client.ts', 'TypeScript', 'ts'],
  ['client.py', 'Python', 'py'],
];

/** Each sample by the name of its folder, in the languages there are. */
export type Samples = ReadonlyMap<string, readonly CodeVariant[]>;

/** Reads a folder of samples. A first line `#!…` is for the shell and not shown. */
export function readSamples(folder: URL): Samples {
  const base = new URL(folder.href.endsWith('/') ? folder : `${folder.href}/`);
  const names = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Map(
    names.map(({ name }) => {
      const there = new Set(readdirSync(new URL(`${name}/`, base)));
      const variants = files
        .filter(([file]) => there.has(file))
        .map(([file, label, language]): CodeVariant => {
          const code = readFileSync(new URL(`${name}/${file}`, base), 'utf8').replace(/^#!.*\n/, '');
          return { label: code.includes('curl ') || language !== 'sh' ? label : 'Shell', language, code };
        });
      return [name, variants];
    }),
  );
}
