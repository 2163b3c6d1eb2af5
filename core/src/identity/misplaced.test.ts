import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { testInbound } from '../testing/test-context.ts';
import {
  isForm,
  requireNoCredentialInForm,
  requireNoCredentialInUrl,
  requireNoDeclaredCredential,
} from './misplaced.ts';

function codeOf(check: () => void): string {
  try {
    check();
  } catch (error) {
    return GatewayError.from(error).code;
  }
  return 'fine';
}

describe('in a URL', () => {
  test.each([
    '/a?access_token=x',
    '/a?b=1&access_token=x',
    '/a?access_token',
    '/a?Access-Token=x',
    '/a?%61ccess_token=x',
    '/a?apikey=x',
    '/a?API_KEY=x',
    '/a?token=x',
    '/a?x=1?&token=x',
    '/a?client_secret=x',
    '/a?authorization=x',
  ])('%s is refused', (target) => {
    expect(codeOf(() => requireNoCredentialInUrl(target, ['page']))).toBe('credential-in-url');
  });

  test.each([
    '/a',
    '/access_token=x',
    '/a?',
    '/a?page=access_token',
    '/a?tokens=1',
    '/a?secretary=ada',
    '/a?author=ada',
    '/a?key=1',
    '/a?%zz=1',
    '/a?logout_token=x',
  ])('%s is fine', (target) => {
    expect(codeOf(() => requireNoCredentialInUrl(target, []))).toBe('fine');
  });

  test('the refusal repeats nothing', () => {
    try {
      requireNoCredentialInUrl('/a?access_token=secret', []);
      expect.unreachable();
    } catch (error) {
      expect(GatewayError.from(error).options).toEqual({
        detail: 'Send credentials in the Authorization header only.',
        headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
      });
    }
  });

  test('an endpoint may have a token of its own, of exactly that name', () => {
    expect(codeOf(() => requireNoCredentialInUrl('/a?token=x', ['token']))).toBe('fine');
    expect(codeOf(() => requireNoCredentialInUrl('/a?TOKEN=x', ['token']))).toBe('credential-in-url');
    expect(codeOf(() => requireNoCredentialInUrl('/a?token=x&access_token=y', ['token']))).toBe(
      'credential-in-url',
    );
    requireNoDeclaredCredential(['token', 'page']);
  });

  test.each(['access_token', 'apiKey', 'client-secret', 'Token'])(
    'an endpoint that takes %s is refused at boot',
    (name) => {
      const check = (): void => requireNoDeclaredCredential(['page', name]);
      expect(check).toThrow(RangeError);
      expect(check).toThrow(
        `query must not take '${name}': credentials belong into the Authorization header`,
      );
    },
  );
});

describe('in a form', () => {
  test.each([
    ['application/x-www-form-urlencoded', true],
    ['Application/X-WWW-Form-Urlencoded; charset=utf-8', true],
    ['application/x-www-form-urlencoded-not', false],
    ['application/json', false],
    ['multipart/form-data; boundary=application/x-www-form-urlencoded', false],
  ])('%s is one: %s', (type, expected) => {
    expect(isForm(testInbound({ headers: { 'content-type': type } }))).toBe(expected);
    expect(isForm(testInbound())).toBe(false);
  });

  const outcomeOf = (body: readonly (string | Uint8Array)[] | undefined): Promise<string> =>
    requireNoCredentialInForm(testInbound(body === undefined ? {} : { body })).then(
      () => 'fine',
      (error: unknown) => GatewayError.from(error).code,
    );

  test('it is found, in whatever pieces it comes', async () => {
    expect(await outcomeOf(['a=1&access_token=x'])).toBe('credential-in-url');
    expect(await outcomeOf(['a=1&acc', 'ess_to', 'ken=x'])).toBe('credential-in-url');
    expect(await outcomeOf(['token=x'])).toBe('credential-in-url');
  });

  test('other forms, empty ones and none are fine', async () => {
    expect(await outcomeOf(['a=1&b=2'])).toBe('fine');
    expect(await outcomeOf([])).toBe('fine');
    expect(await outcomeOf(undefined)).toBe('fine');
    expect(await outcomeOf([new Uint8Array([0xff, 0xfe, 0x25])])).toBe('fine');
  });

  test('of which 8 KiB are read at most', async () => {
    const inbound = testInbound({ body: ['x'.repeat(8_191), 'y', 'access_token=x', 'z'] });
    await requireNoCredentialInForm(inbound);
    expect(inbound.pieces()).toBe(2);
    expect(await outcomeOf([`${'x'.repeat(8_180)}&`, 'access_token=1'])).toBe('fine'); // cut in its name
    expect(await outcomeOf([`${'x'.repeat(8_179)}&access_token`, '=1'])).toBe('credential-in-url');
  });
});
