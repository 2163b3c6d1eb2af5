import { availableParallelism } from 'node:os';
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

test('what is logged is said there, too', () => {
  const env = {
    WEB_LOG_SAMPLE: '0.1',
    WEB_LOG_SLOW_MS: '500',
    WEB_PSEUDONYM_KEY: 'a key of more than thirty-two characters',
    WEB_AUDIT_LOG: '/var/log/audit.log',
  };
  expect(serveEnv('WEB', env, defaults)).toMatchObject({
    log: { sample: 0.1, slowMs: 500 },
    pseudonymKey: env.WEB_PSEUDONYM_KEY,
    auditLog: { file: '/var/log/audit.log' },
  });
  expect(serveEnv('WEB', { WEB_AUDIT_LOG: 'fd:3' }, defaults)).toMatchObject({ auditLog: { fd: 3 } });
  expect(() => serveEnv('WEB', { WEB_PSEUDONYM_KEY: 'short' }, defaults)).toThrow(/WEB_PSEUDONYM_KEY/);
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

test('workers are a number, or one for each core', () => {
  const workers = (text: string) => serveEnv('WEB', { WEB_WORKERS: text }, defaults).workers;
  expect([workers('3'), workers('auto'), workers('')]).toEqual([3, availableParallelism(), undefined]);
  for (const wrong of ['0', '1.5', 'x', '65', '-1']) {
    expect(() => workers(wrong)).toThrow(/WEB_WORKERS: must be 'auto' or a whole number from 1 to 64/);
  }
});
