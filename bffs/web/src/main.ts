import { runMain, serve } from 'bffkit/node';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const config = readConfig(process.env);
  await serve(createBff(config), {
    port: config.WEB_PORT,
    adminPort: config.WEB_ADMIN_PORT,
    graceMs: config.WEB_GRACE_MS,
  });
});
