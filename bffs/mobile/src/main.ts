import { runMain, serve } from 'bffkit/node';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const config = readConfig(process.env);
  await serve(createBff(config), {
    port: config.MOBILE_PORT,
    adminPort: config.MOBILE_ADMIN_PORT,
    graceMs: config.MOBILE_GRACE_MS,
  });
});
