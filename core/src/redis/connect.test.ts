import { expect, test } from 'vitest';
import { connect } from './connect.ts';

test('each connection for listening is to another node, with the credentials of the first', () => {
  const redis = connect({
    urls: ['rediss://ada:s3cret%2Fword@127.0.0.1:1', 'redis://127.0.0.1:2'],
    isCluster: true,
    timeoutMs: 80,
  });
  const listeners = [redis.openListener(), redis.openListener(), redis.openListener()];
  for (const listener of listeners) listener.on('error', () => {});
  const [first, second, third] = listeners.map(({ options: { host, port } }) => `${host}:${port}`);
  expect(new Set([first, second])).toEqual(new Set(['127.0.0.1:1', '127.0.0.1:2']));
  expect(third).toBe(first);
  expect(listeners[1]?.options).toMatchObject({ username: 'ada', password: 's3cret/word', tls: {} });
  for (const listener of listeners) listener.disconnect();
  redis.close();
});

test('of one server, the connection for listening is to it', () => {
  const redis = connect({ urls: ['redis://127.0.0.1:1/3'], isCluster: false, timeoutMs: 80 });
  const listener = redis.openListener();
  listener.on('error', () => {});
  expect(listener.options).toMatchObject({ host: '127.0.0.1', port: 1, db: 3, enableOfflineQueue: false });
  listener.disconnect();
  redis.close();
});
