import { runMain, serve } from 'bffkit/node';
import { createBff } from './app.ts';
import { readConfig } from './config.ts';

await runMain(async () => {
  const config = readConfig(process.env);
  await serve(createBff(config), {
    port: config.PARTNER_PORT,
    adminPort: config.PARTNER_ADMIN_PORT,
    graceMs: config.PARTNER_GRACE_MS,
  });
});
