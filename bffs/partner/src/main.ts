import { runMain, serve, serveEnv } from 'bffkit/node';
import { tracingFromEnv } from 'bffkit/tracing';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const served = serveEnv('PARTNER', process.env, { port: 4003, adminPort: 9003 });
  const tracing = await tracingFromEnv(process.env);
  await serve(createBff(readConfig(process.env), { tracing }), served);
});
