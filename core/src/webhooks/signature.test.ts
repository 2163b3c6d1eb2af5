import { describe, expect, test } from 'vitest';
import { newSecret, signatureHeaders } from './signature.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', atMs: 1_614_265_330_999, body: '{"test": 2432232314}' };

describe('a signature', () => {
  test('is the one of the specification, over id, second and body', () => {
    expect(signatureHeaders([secret], message)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('of several secrets are several, in their order', () => {
    const both = signatureHeaders([newSecret(), secret], message)['webhook-signature'].split(' ');
    expect(both).toHaveLength(2);
    expect(both[1]).toBe(signatureHeaders([secret], message)['webhook-signature']);
    expect(both[0]).not.toBe(both[1]);
  });

  test.each([
    ['id', { ...message, id: 'msg_other' }],
    ['second', { ...message, atMs: message.atMs + 1 }],
    ['body', { ...message, body: '{"test": 2432232315}' }],
  ])('is another one for another %s', (_what, changed) => {
    const [one, other] = [message, changed].map((each) => signatureHeaders([secret], each));
    expect(one?.['webhook-signature']).not.toBe(other?.['webhook-signature']);
  });
});

test('a secret has 32 random bytes after its name', () => {
  const secrets = Array.from({ length: 50 }, newSecret);
  expect(new Set(secrets).size).toBe(50);
  for (const each of secrets) expect(each).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});
