import { describe, expect, test } from 'vitest';
import { parseHead } from './answer-head.ts';

function head(...lines: string[]): string {
  return lines.map((line) => `${line}\r\n`).join('');
}

const ok = 'HTTP/1.1 200 OK';

test('a head is its status, its framing and its fields, with names in lowercase', () => {
  const parsed = parseHead(
    head(ok, 'Content-Type: application/json', 'ETag:\t"a" ', 'Content-Length: 12', 'X-Empty:'),
  );
  expect(parsed).toEqual({
    status: 200,
    framing: 12,
    keepsAlive: true,
    idleMs: undefined,
    fields: ['content-type', 'application/json', 'etag', '"a"', 'content-length', '12', 'x-empty', ''],
  });
});

test.each([
  ['a length', [ok, 'Content-Length: 0'], 0],
  ['chunks', [ok, 'Transfer-Encoding: CHUNKED'], 'chunked'],
  ['neither', [ok], 'until-end'],
  ['204, whatever it says', ['HTTP/1.1 204 No Content', 'Content-Length: 5'], 0],
  ['304, whatever it says', ['HTTP/1.1 304 Not Modified', 'Transfer-Encoding: chunked'], 0],
  ['an interim answer', ['HTTP/1.1 103 Early Hints', 'Link: </a.css>'], 0],
  ['no reason', ['HTTP/1.1 404', 'Content-Length: 3'], 3],
  ['a reason beyond ASCII', ['HTTP/1.1 500 Pröblem', 'Content-Length: 3'], 3],
] as const)('with %s the body is framed by it', (_what, lines, framing) => {
  expect(parseHead(head(...lines)).framing).toBe(framing);
});

test.each([
  ['HTTP/1.1', [ok, 'Content-Length: 1'], true],
  ['HTTP/1.1 with Connection: close', [ok, 'Content-Length: 1', 'Connection: Close'], false],
  ['close among other options', [ok, 'Content-Length: 1', 'Connection: x, close , y'], false],
  ['a body until the end', [ok], false],
  ['HTTP/1.0', ['HTTP/1.0 200 OK', 'Content-Length: 1'], false],
  ['HTTP/1.0 that asks', ['HTTP/1.0 200 OK', 'Content-Length: 1', 'Connection: keep-alive'], true],
] as const)('after %s the connection can be used again: %#', (_what, lines, keepsAlive) => {
  expect(parseHead(head(...lines)).keepsAlive).toBe(keepsAlive);
});

test.each([
  ['timeout=5', 5_000],
  ['max=100, timeout=15', 15_000],
  ['timeout=x', undefined],
  ['max=5', undefined],
])('Keep-Alive: %s says how long a connection may be idle', (value, idleMs) => {
  expect(parseHead(head(ok, 'Content-Length: 0', `Keep-Alive: ${value}`)).idleMs).toBe(idleMs);
});

describe('what can be read in two ways is not read', () => {
  test.each([
    ['another protocol', ['SSH-2.0-OpenSSH_9.2']],
    ['another version', ['HTTP/2.0 200 OK']],
    ['a version in lowercase', ['http/1.1 200 OK']],
    ['a status of two digits', ['HTTP/1.1 20 OK']],
    ['a status of four digits', ['HTTP/1.1 2000 OK']],
    ['a status below 100', ['HTTP/1.1 099 OK']],
    ['two spaces before the status', ['HTTP/1.1  200 OK']],
    ['a length and chunks', [ok, 'Content-Length: 5', 'Transfer-Encoding: chunked']],
    ['chunks and a length', [ok, 'Transfer-Encoding: chunked', 'Content-Length: 5']],
    ['an interim answer with a length', ['HTTP/1.1 103 X', 'Content-Length: 0']],
    ['an interim answer of HTTP/1.0', ['HTTP/1.0 100 Continue']],
    ['an interim answer that closes', ['HTTP/1.1 103 X', 'Connection: close']],
    ['two lengths', [ok, 'Content-Length: 5', 'Content-Length: 5']],
    ['a list of lengths', [ok, 'Content-Length: 5, 5']],
    ['a length with a sign', [ok, 'Content-Length: +5']],
    ['a negative length', [ok, 'Content-Length: -5']],
    ['a hexadecimal length', [ok, 'Content-Length: 0x5']],
    ['a length with a space inside', [ok, 'Content-Length: 5 5']],
    ['a length behind a space of another kind', [ok, 'Content-Length: \xa05']],
    ['a length before a tab', [ok, 'Content-Length: 5\t']],
    ['chunks before a tab', [ok, 'Transfer-Encoding: chunked\t']],
    ['an empty length', [ok, 'Content-Length:']],
    ['a length beyond every memory', [ok, 'Content-Length: 9999999999999999']],
    ['a coding that was not asked for', [ok, 'Transfer-Encoding: gzip, chunked']],
    ['chunks twice', [ok, 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    ['chunks by another name', [ok, 'Transfer-Encoding: xchunked']],
    ['chunks in HTTP/1.0', ['HTTP/1.0 200 OK', 'Transfer-Encoding: chunked']],
    ['a space before the colon', [ok, 'Content-Length : 5']],
    ['a folded line', [ok, 'X-A: b', ' c']],
    ['a line without a colon', [ok, 'nonsense']],
    ['a field without a name', [ok, ': value']],
    ['a lone line feed', [ok, 'X-A: b\nContent-Length: 5']],
    ['a lone carriage return', [ok, 'X-A: b\rContent-Length: 5']],
    ['a NUL', [ok, 'X-A: b\0']],
    ['a line feed in the status line', ['HTTP/1.1 200 OK\nX-A: b']],
  ])('%s', (_what, lines) => {
    expect(() => parseHead(head(...lines))).toThrow(
      expect.objectContaining({ code: 'upstream-broken-answer' }) as Error,
    );
  });

  test('and the reason quotes nothing of it', () => {
    let thrown: unknown;
    try {
      parseHead(head(ok, 'Secret : canary'));
    } catch (error) {
      thrown = error;
    }
    expect(String((thrown as Error).cause)).toMatch(/^Error: not HTTP\/1\.1: /);
    expect(JSON.stringify(thrown) + String((thrown as Error).cause)).not.toContain('canary');
  });
});
