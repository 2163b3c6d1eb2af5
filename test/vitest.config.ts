import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['{core,bffs/*,services-mock}/src/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        root,
        test: {
          name: 'integration',
          include: [
            'test/{architecture,clients,contract,delegation,fault,integration,keys,observability,openapi,partner-compat,progressive,proxy,security,session,tracing,types,usage}/**/*.test.ts',
            'test/portal/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          typecheck: { enabled: true, include: ['test/types/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
        },
      },
      {
        root,
        test: {
          name: 'limits',
          include: ['test/{cache,idempotency,limits,records,webhooks}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Many processes and a Redis per file: one file after another, after everything else.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          include: ['test/{e2e,console/browser,portal/browser}/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 300_000, // Chromium may have to be fetched first
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['{core,bffs/*,services-mock}/src/**/*.ts'],
      exclude: ['**/main.ts', '**/*.test.ts'],
    },
  },
});
