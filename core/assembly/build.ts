/**
 * Compiles `projector.ts` and gives the text of the module that carries it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';

const options =
  '--outFile out.wasm --runtime stub --noAssert --importMemory --enable simd --enable bulk-memory -O3';
const width = 100;

/**
 * The text of `src/upstream/projector-wasm.ts`.
 *
 * @param source Default `projector.ts` beside this file.
 * @throws {Error} with what the compiler said.
 */
export async function buildProjector(
  source = readFileSync(new URL('projector.ts', import.meta.url), 'utf8'),
): Promise<string> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['projector.ts', ...options.split(' ')], {
    readFile: (name) => (name === 'projector.ts' ? source : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(stderr.toString());
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return `${head}export const projectorWasm =\n${lines.map((line) => `  '${line}'`).join(' +\n')};\n`;
}

const head = `/**
 * \`assembly/projector.ts\`, compiled by \`npm run projector -w bffkit\`. Do not edit.
 *
 * @module
 */

/** The WebAssembly module, as base64. */
`;
