import { expect, test } from 'vitest';
import { serveEnv } from './serve-env.ts';

const defaults = { port: 4001, adminPort: 9001 };

test('an empty environment gives the defaults', () => {
  expect(serveEnv('WEB', {}, defaults)).toEqual({ port: 4001, adminPort: 9001, graceMs: 5_000 });
});

test('every variable begins with the name of the BFF', () => {
  const env = {
    WEB_PORT: '0',
    WEB_ADMIN_PORT: '1',
    WEB_GRACE_MS: '2',
    WEB_HOSTNAME: '127.0.0.1',
    WEB_ADMIN_HOSTNAME: '0.0.0.0',
    WEB_ADMIN_TOKEN: 'sixteen letters!',
    WEB_TLS_CERT_FILE: 'cert.pem',
    WEB_TLS_KEY_FILE: 'key.pem',
    MOBILE_PORT: '7',
  };
  expect(serveEnv('WEB', env, defaults)).toEqual({
    port: 0,
    adminPort: 1,
    graceMs: 2,
    hostname: '127.0.0.1',
    adminHostname: '0.0.0.0',
    adminToken: 'sixteen letters!',
    tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
  });
});

test('half of TLS does not start', () => {
  expect(() => serveEnv('WEB', { WEB_TLS_CERT_FILE: 'cert.pem' }, defaults)).toThrow(
    /WEB_TLS_KEY_FILE: is missing/,
  );
  expect(() => serveEnv('WEB', { WEB_TLS_KEY_FILE: 'key.pem' }, defaults)).toThrow(
    /WEB_TLS_CERT_FILE: is missing/,
  );
});

test('wrong values are named, all of them, and never repeated', () => {
  const env = { WEB_PORT: 'canary', WEB_ADMIN_TOKEN: 'canary' };
  const read = (): unknown => serveEnv('WEB', env, defaults);
  expect(read).toThrow(/WEB_PORT[\s\S]*WEB_ADMIN_TOKEN/);
  expect(read).not.toThrow(/canary/);
});
