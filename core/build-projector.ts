/**
 * Builds the projector: AssemblyScript to WebAssembly, written as text into a module, so that it needs
 * no file at run time. The same source gives the same bytes; a test builds it again and compares.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildProjector } from './assembly/build.ts';

const target = fileURLToPath(new URL('src/upstream/projector-wasm.ts', import.meta.url));
writeFileSync(target, await buildProjector());
