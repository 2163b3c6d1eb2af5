import { runMain, serve, serveEnv } from 'bffkit/node';
import { tracingFromEnv } from 'bffkit/tracing';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const served = serveEnv('WEB', process.env, { port: 4001, adminPort: 9001 });
  const tracing = await tracingFromEnv(process.env);
  await serve(createBff(readConfig(process.env), { tracing }), served);
});
