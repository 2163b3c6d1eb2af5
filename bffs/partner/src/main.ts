import { runMain, serve, serveEnv } from 'bffkit/node';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const served = serveEnv('PARTNER', process.env, { port: 4003, adminPort: 9003 });
  await serve(createBff(readConfig(process.env)), served);
});
