import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { ApiInfo } from 'bffkit';

const folder = new URL('../openapi/examples/', import.meta.url);

/** Real requests and answers, one file per version: `node test/openapi/record-examples.ts` writes them. */
export function readExamples(): NonNullable<ApiInfo['examples']> {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return Object.fromEntries(
    files.map((file) => [
      file.replace(/\.json$/, ''),
      JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
    ]),
  );
}
