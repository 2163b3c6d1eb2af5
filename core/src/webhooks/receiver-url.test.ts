import { describe, expect, test } from 'vitest';
import { readReceiverUrl } from './receiver-url.ts';

const read = (text: string, allowPrivate = false): string => {
  const found = readReceiverUrl(text, allowPrivate);
  return 'url' in found ? found.url.href : found.fault;
};

describe('a URL on the Internet', () => {
  test.each([
    ['https://hooks.acme.com/in', 'https://hooks.acme.com/in'],
    ['HTTPS://Hooks.ACME.com:443/In?x=1', 'https://hooks.acme.com/In?x=1'],
    ['https://hooks.acme.com', 'https://hooks.acme.com/'],
    ['https://hooks.acme.com./in', 'https://hooks.acme.com/in'],
    ['https://hooks.acme.com:8443/in', 'https://hooks.acme.com:8443/in'],
    ['https://bücher.de/in', 'https://xn--bcher-kva.de/in'],
    ['https://ｈooks。acme.com/', 'https://hooks.acme.com/'],
    ['https://1.1.1.1/in', 'https://1.1.1.1/in'],
    ['https://0x01010101/in', 'https://1.1.1.1/in'],
    ['https://[2606:4700::1111]/in', 'https://[2606:4700::1111]/in'],
    ['  https://hooks.acme.com/in  ', 'https://hooks.acme.com/in'],
    ['https://hooks.acme.com/a/../b', 'https://hooks.acme.com/b'],
  ])('%s is taken as %s', (text, href) => {
    expect(read(text)).toBe(href);
  });
});

describe('is refused', () => {
  const special = 'must not be an address of a private or special network';
  const elsewhere = 'must have a host of the Internet';
  test.each([
    ['hooks.acme.com/in', 'must be a URL'],
    ['', 'must be a URL'],
    ['https://', 'must be a URL'],
    ['https://exa mple.com/', 'must be a URL'],
    ['https://256.256.256.256/', 'must be a URL'],
    ['http://hooks.acme.com/in', 'must begin with https://'],
    ['ftp://hooks.acme.com/in', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['gopher://hooks.acme.com:6379/_x', 'must begin with https://'],
    ['javascript:alert(1)', 'must begin with https://'],
    ['https://user@hooks.acme.com/', 'must not have a user or a password'],
    ['https://user:pass@hooks.acme.com/', 'must not have a user or a password'],
    ['https://1.1.1.1@127.0.0.1/', 'must not have a user or a password'],
    ['https://hooks.acme.com/#x', 'must not have a fragment'],
    ['https://hooks.acme.com/#', 'must not have a fragment'],
    ['https://hooks.acme.com:22/', 'must have the port 443, or one from 1024'],
    ['https://hooks.acme.com:80/', 'must have the port 443, or one from 1024'],
    ['https://hooks.acme.com:0/', 'must have the port 443, or one from 1024'],
    [`https://hooks.acme.com/${'x'.repeat(1_025)}`, 'must have at most 1024 characters after the host'],
    [`https://hooks.acme.com/${'x'.repeat(3_000)}`, 'must have at most 2048 characters'],
    ['https://127.0.0.1/', special],
    ['https://127.1/', special],
    ['https://127.0.1/', special],
    ['https://2130706433/', special],
    ['https://0x7f000001/', special],
    ['https://0x7f.1/', special],
    ['https://0177.0.0.1/', special],
    ['https://017700000001/', special],
    ['https://①②⑦.⓪.⓪.①/', special],
    ['https://%31%32%37.0.0.1/', special],
    ['https://0/', special],
    ['https://0.0.0.0/', special],
    ['https://10.1.2.3/', special],
    ['https://169.254.169.254/latest/meta-data/', special],
    ['https://0xa9fea9fe/', special],
    ['https://2852039166/', special],
    ['https://192.168.1.1:8443/', special],
    ['https://172.20.0.1/', special],
    ['https://100.64.0.1/', special],
    ['https://198.18.0.1/', special],
    ['https://224.0.0.1/', special],
    ['https://[::]/', special],
    ['https://[::1]/', special],
    ['https://[0:0:0:0:0:0:0:1]/', special],
    ['https://[::ffff:127.0.0.1]/', special],
    ['https://[::ffff:7f00:1]/', special],
    ['https://[::ffff:1.1.1.1]/', special],
    ['https://[64:ff9b::169.254.169.254]/', special],
    ['https://[2002:7f00:1::]/', special],
    ['https://[2001:0:53aa:64c::1]/', special],
    ['https://[fe80::1]/', special],
    ['https://[fd00:ec2::254]/', special],
    ['https://[ff02::1]/', special],
    ['https://127.0.0.1./', special],
    ['https://localhost/', elsewhere],
    ['https://LOCALHOST:8443/', elsewhere],
    ['https://localhost./', elsewhere],
    ['https://app.localhost/', elsewhere],
    ['https://orders/', elsewhere],
    ['https://printer.local/', elsewhere],
    ['https://metadata.google.internal/', elsewhere],
    ['https://router.home.arpa/', elsewhere],
    ['https://hooks.test/', elsewhere],
  ])('%s: %s', (text, fault) => {
    expect(read(text)).toBe(fault);
  });
});

describe('where private networks are allowed', () => {
  test.each(['http://127.0.0.1:4000/hooks', 'https://localhost:8443/', 'http://receiver:8080/'])(
    '%s is taken',
    (text) => {
      expect(read(text, true)).toBe(new URL(text).href);
    },
  );

  test.each([
    'ftp://127.0.0.1/',
    'http://user@127.0.0.1:4000/',
    'http://127.0.0.1:22/',
    'http://127.0.0.1:4000/#x',
  ])('%s is not', (text) => {
    expect(read(text, true)).toMatch(/^must/);
  });
});
