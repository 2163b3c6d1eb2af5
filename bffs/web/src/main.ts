import { runMain, serve } from 'bffkit/node';
import { createWebBff } from './app.ts';
import { readWebConfig } from './config.ts';

await runMain(async () => {
  const config = readWebConfig(process.env);
  await serve(createWebBff(config), {
    port: config.WEB_PORT,
    adminPort: config.WEB_ADMIN_PORT,
    graceMs: config.WEB_GRACE_MS,
  });
});
