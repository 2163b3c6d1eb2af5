import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildProjector } from '../../assembly/build.ts';

test('the committed module is what the source compiles to', async () => {
  expect(readFileSync(new URL('projector-wasm.ts', import.meta.url), 'utf8')).toBe(await buildProjector());
});
