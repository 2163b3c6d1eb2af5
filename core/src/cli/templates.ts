/**
 * The files `bffkit new` writes: a BFF with one endpoint and its test, ready to run against the
 * mocks.
 *
 * @module
 */
import { join } from 'node:path';

type Files = Readonly<Record<string, string>>;

export interface NewBff {
  readonly name: string;
  /** From the root of the repository. */
  readonly folder: string;
  readonly port: number;
  readonly adminPort: number;
}

/** Every file of a new BFF, by its path from the root. */
export function bffFiles({ name, folder, port, adminPort }: NewBff): Files {
  const variable = name.toUpperCase().replaceAll('-', '_');
  return {
    [join(folder, 'package.json')]: `${JSON.stringify(packageOf(name), null, 2)}\n`,
    [join(folder, 'turbo.json')]: '{ "extends": ["//"], "tags": ["bff"] }\n',
    [join(folder, 'README.md')]: readmeOf(name),
    [join(folder, 'src/main.ts')]: mainOf(variable, port, adminPort),
    [join(folder, 'src/config.ts')]: configOf(name, variable, port),
    [join(folder, 'src/app.ts')]: appOf(name, variable),
    [join(folder, 'src/upstreams/users.ts')]: usersUpstream,
    [join(folder, 'src/endpoints/index.ts')]:
      "import { hello } from './hello.ts';\n\n/** Everything this BFF answers. */\nexport const endpoints = [hello];\n",
    [join(folder, 'src/endpoints/hello.ts')]: helloEndpoint,
    [join(folder, 'src/endpoints/hello.test.ts')]: helloTest,
  };
}

export interface NewEndpoint {
  readonly name: string;
  /** Where its route begins, such as `/api`. */
  readonly prefix: string;
  /** The `endpoints` folder, from the root of the repository. */
  readonly folder: string;
}

/** An endpoint and its test. It calls nothing yet, so it works in every BFF. */
export function endpointFiles({ name, prefix, folder }: NewEndpoint): Files {
  const variable = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return {
    [join(folder, `${name}.ts`)]: `import { endpoint, signedIn } from 'bffkit';
import { z } from 'zod';

export const ${variable} = endpoint('GET', '${prefix}/${name}', {
  summary: 'Say in one sentence what a client gets.',
  access: signedIn(),
  deadlineMs: 800,
})
  .plan(({ derive }) => ({
    // Replace it by what the endpoint needs: call(upstream.operation.pick({ … }), ({ principal }) => ({ … }))
    caller: derive({}, ({ principal }) => principal.subject),
  }))
  .respond(z.object({ caller: z.string() }), ({ caller }) => ({ caller }));
`,
    [join(folder, `${name}.test.ts`)]: `import { asCaller, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { ${variable} } from './${name}.ts';

test('tells callers who they are', async () => {
  const bff = testBff([${variable}], {});
  const answer = await bff.app.request('${prefix}/${name}', { headers: asCaller('usr_0001') });
  expect(await answer.json()).toEqual({ caller: 'usr_0001' });
});
`,
  };
}

function packageOf(name: string): object {
  return {
    name: `@acme/bff-${name}`,
    version: '0.0.0',
    private: true,
    type: 'module',
    exports: { '.': './src/app.ts', './config': './src/config.ts' },
    scripts: {
      start: 'node src/main.ts',
      test: `vitest run --config ../../test/vitest.config.ts --project unit bffs/${name}/`,
    },
    dependencies: {
      '@hono/node-server': '2.1.8',
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/exporter-trace-otlp-proto': '0.301.1',
      '@opentelemetry/resources': '3.1.1',
      '@opentelemetry/sdk-trace': '3.1.1',
      bffkit: '*',
      hono: '4.13.19',
      zod: '4.6.7',
    },
    devDependencies: { vitest: '5.1.1' },
  };
}

function readmeOf(name: string): string {
  return `# ${name}\n\nOwner: @acme/${name}. Say here which client this BFF serves.\n\n\`npm start\` at the root runs it beside the others; \`npx bffkit graph ${name}\` lists its endpoints. Name its\nowner in \`docs/CODEOWNERS\`, too.\n`;
}

function mainOf(variable: string, port: number, adminPort: number): string {
  return `import { runMain, serve, serveEnv } from 'bffkit/node';
import { tracingFromEnv } from 'bffkit/tracing';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const served = serveEnv('${variable}', process.env, { port: ${port}, adminPort: ${adminPort} });
  const tracing = await tracingFromEnv(process.env);
  await serve(createBff(readConfig(process.env), { tracing }), served);
});
`;
}

function configOf(name: string, variable: string, port: number): string {
  return `import { envList, envUrl, readEnv } from 'bffkit';
import { z } from 'zod';

const Env = z.object({
  NODE_ENV: z.string().default('production'),
  ${variable}_PUBLIC_ORIGIN: envUrl().default('http://localhost:${port}'),
  ${variable}_EXPLAIN_KEYS: envList().optional(),
  ISSUER_URL: envUrl().default('http://127.0.0.1:4110'),
  USERS_URL: envUrl().default('http://127.0.0.1:4101'),
});

export type Config = z.output<typeof Env>;

/** The configuration of the ${name} BFF; the defaults are the local shop. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return readEnv(Env, env);
}
`;
}

function appOf(name: string, variable: string): string {
  return `import { type Bff, type BffOptions, bearer, bind, defineBff } from 'bffkit';
import type { Config } from './config.ts';
import { endpoints } from './endpoints/index.ts';
import { users } from './upstreams/users.ts';

/** \`parts\` replaces pieces in tests. */
export function createBff(config: Config, parts: Partial<BffOptions> = {}): Bff {
  return defineBff({
    name: '${name}',
    owner: '@acme/${name}',
    publicOrigin: config.${variable}_PUBLIC_ORIGIN,
    identity: [
      bearer({ issuer: config.ISSUER_URL, audience: '${name}', jwksUrl: \`\${config.ISSUER_URL}/jwks\` }),
    ],
    explainKeys: config.${variable}_EXPLAIN_KEYS,
    serverTiming: config.NODE_ENV === 'development',
    upstreams: [bind(users, { targets: config.USERS_URL, timeoutMs: 800 })],
    endpoints,
    ...parts,
  });
}
`;
}

const usersUpstream = `import { get, upstream } from 'bffkit';
import { z } from 'zod';

const User = z.object({ id: z.string(), name: z.string() });

/** What this BFF reads of the users service. */
export const users = upstream('users', {
  operations: {
    get: get('/users/:id', { response: User, passes: [404] }),
  },
});
`;

const helloEndpoint = `import { endpoint, signedIn } from 'bffkit';
import { z } from 'zod';
import { users } from '../upstreams/users.ts';

export const hello = endpoint('GET', '/hello', {
  summary: 'Greets the caller by name.',
  access: signedIn(),
  deadlineMs: 800,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
})
  .plan(({ call }) => ({
    user: call(users.get.pick({ name: true }), ({ principal }) => ({ params: { id: principal.subject } })),
  }))
  .respond(z.object({ greeting: z.string() }), ({ user }) => ({ greeting: \`Hello, \${user.name}\` }));
`;

const helloTest = `import { asCaller, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { hello } from './hello.ts';

test('greets the caller by name', async () => {
  const bff = testBff([hello], { users: () => ({ body: { id: 'usr_0001', name: 'Ada' } }) });
  const answer = await bff.app.request('/hello', { headers: asCaller('usr_0001') });
  expect(await answer.json()).toEqual({ greeting: 'Hello, Ada' });
});
`;
