/**
 * Writes `dist/package.json`: the published package, whose `exports` point at compiled files. npm
 * ignores `publishConfig.exports`, and Node does not strip types under `node_modules`.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';

interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const source = new URL('package.json', import.meta.url);
const {
  scripts: _scripts,
  devDependencies: _dev,
  ...manifest
}: Manifest = JSON.parse(readFileSync(source, 'utf8'));

const compiled = (file: string, extension: string): string =>
  file.replace('./src/', './').replace(/\.ts$/, extension);

const published = {
  ...manifest,
  bin: Object.fromEntries(Object.entries(manifest.bin).map(([name, file]) => [name, compiled(file, '.js')])),
  exports: Object.fromEntries(
    Object.entries(manifest.exports).map(([path, file]) => [
      path,
      { types: compiled(file, '.d.ts'), default: compiled(file, '.js') },
    ]),
  ),
};

writeFileSync(new URL('dist/package.json', import.meta.url), `${JSON.stringify(published, null, 2)}\n`);

// The pages of the console and of the portal are served as they are.
for (const page of ['console/page', 'portal/page']) {
  cpSync(new URL(`src/${page}`, import.meta.url), new URL(`dist/${page}`, import.meta.url), {
    recursive: true,
  });
}
