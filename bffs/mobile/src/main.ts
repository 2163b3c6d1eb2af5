import { runMain, serve, serveEnv } from 'bffkit/node';
import { tracingFromEnv } from 'bffkit/tracing';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const served = serveEnv('MOBILE', process.env, { port: 4002, adminPort: 9002 });
  const tracing = await tracingFromEnv(process.env);
  await serve(createBff(readConfig(process.env), { tracing }), served);
});
