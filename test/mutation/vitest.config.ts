import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** One project only, as Stryker wants it; its folder comes from `stryker.config.js`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { include: ['**/*.test.ts'], testTimeout: 20_000 },
});
