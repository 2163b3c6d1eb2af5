/**
 * The request that a curl command would send: method, address, headers, body. Understands what browsers copy and
 * people type; what is about the terminal is left out, and what would not be the same request is refused.
 *
 * @see {@link https://curl.se/docs/manpage.html curl(1)}
 * @module
 */
import { UsageError } from './usage-error.ts';

export interface CurlRequest {
  readonly method: string;
  readonly url: URL;
  /** By lowercase name; of one that came twice both values. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** Reads a text file that the command names as `@FILE`. */
export type ReadText = (path: string) => string;

interface Draft {
  method: string | undefined;
  isHead: boolean;
  isGet: boolean;
  readonly addresses: string[];
  /** By lowercase name. What is empty is not sent, whatever an option implies. */
  readonly headers: (readonly [string, string])[];
  /** Headers that options stand for; those that were given win. */
  readonly implied: Map<string, string>;
  readonly data: string[];
  readonly readText: ReadText;
}

/** What an option does; with `takes` it does so with a value. */
type Option =
  | { readonly takes: true; readonly run: (draft: Draft, value: string) => void }
  | { readonly takes: false; readonly run: (draft: Draft) => void };

const ignored: Option = { takes: false, run() {} };
const ignoredValue: Option = { takes: true, run() {} };

const options: Readonly<Record<string, Option>> = {
  request: takes((draft, method) => {
    draft.method = method;
  }),
  header: takes((draft, value) => draft.headers.push(...headersIn(value, draft.readText))),
  data: takes((draft, value) => addForm(draft, textOf(draft, value).replaceAll(/[\r\n]/g, ''))),
  'data-raw': takes((draft, value) => addForm(draft, value)),
  'data-binary': takes((draft, value) => addForm(draft, textOf(draft, value))),
  json: takes((draft, value) => {
    draft.data.push(textOf(draft, value));
    draft.implied.set('content-type', 'application/json').set('accept', 'application/json');
  }),
  cookie: takes((draft, value) => {
    if (!value.includes('=')) throw new UsageError('-b with a file of cookies is not read: give NAME=VALUE');
    draft.headers.push(['cookie', value]);
  }),
  'user-agent': takes((draft, value) => draft.headers.push(['user-agent', value])),
  referer: takes((draft, value) => draft.headers.push(['referer', value])),
  'oauth2-bearer': takes((draft, value) => draft.headers.push(['authorization', `Bearer ${value}`])),
  url: takes((draft, value) => draft.addresses.push(value)),
  head: flag((draft) => {
    draft.isHead = true;
  }),
  get: flag((draft) => {
    draft.isGet = true;
  }),
  compressed: flag((draft) => void draft.implied.set('accept-encoding', 'gzip, deflate, br, zstd')),
  user: refused('-u is not sent: a BFF takes no password. Give the token it takes with -H'),
  form: refused('-F is not sent: give the body with --data-raw and its type with -H'),
  'upload-file': refused('-T is not sent: give the body with --data-raw'),
  config: refused('-K is not read: give the options themselves'),
  insecure: refusedFlag('-k is refused: whoever answers must show a certificate that holds'),
  proxy: refused('-x is refused: the request goes straight to the BFF'),
};

// biome-ignore format: one list
const ignoredFlags = [
  'silent', 'show-error', 'include', 'verbose', 'fail', 'fail-with-body', 'location', 'no-buffer', 'globoff',
  'progress-bar', 'no-progress-meter', 'http1.1', 'http2', 'ipv4', 'ipv6', 'path-as-is',
];
const ignoredValues = ['output', 'write-out', 'max-time', 'connect-timeout', 'dump-header', 'cookie-jar'];
const known: ReadonlyMap<string, Option> = new Map([
  ...ignoredFlags.map((name) => [name, ignored] as const),
  ...ignoredValues.map((name) => [name, ignoredValue] as const),
  ...Object.entries(options),
]);

const aliases: Readonly<Record<string, string>> = { 'data-ascii': 'data' };

// biome-ignore format: one list
const letters: Readonly<Record<string, string>> = {
  X: 'request', H: 'header', d: 'data', b: 'cookie', A: 'user-agent', e: 'referer', I: 'head', G: 'get', u: 'user',
  F: 'form', T: 'upload-file', K: 'config', k: 'insecure', x: 'proxy', s: 'silent', S: 'show-error', i: 'include',
  v: 'verbose', f: 'fail', L: 'location', N: 'no-buffer', g: 'globoff', '#': 'progress-bar', 4: 'ipv4', 6: 'ipv6',
  o: 'output', w: 'write-out', m: 'max-time', D: 'dump-header', c: 'cookie-jar',
};

/** Set by whoever sends. */
const ownHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'connection',
  'transfer-encoding',
  'bff-explain',
]);

/**
 * @param words What follows `curl`.
 * @throws {UsageError} naming the option that is not understood; never a value, which may be a secret.
 */
export function curlRequest(words: readonly string[], readText: ReadText): CurlRequest {
  const draft: Draft = {
    method: undefined,
    isHead: false,
    isGet: false,
    addresses: [],
    headers: [],
    implied: new Map([
      ['accept', '*/*'],
      ['user-agent', 'bffkit-explain'],
    ]),
    data: [],
    readText,
  };
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') draft.addresses.push(...rest.splice(0));
    else if (word.startsWith('--')) runLong(draft, word, rest);
    else if (word.startsWith('-') && word !== '-') runShort(draft, word, rest);
    else draft.addresses.push(word);
  }
  return requestOf(draft);
}

function runLong(draft: Draft, word: string, rest: string[]): void {
  const name = word.slice(2);
  run(draft, { shown: word, name: aliases[name] ?? name, rest });
}

/** `-sXPOST` is `-s -X POST`. */
function runShort(draft: Draft, word: string, rest: string[]): void {
  for (let at = 1; at < word.length; at += 1) {
    const letter = word.charAt(at);
    const name = Object.hasOwn(letters, letter) ? (letters[letter] ?? '') : '';
    const joined = word.slice(at + 1);
    if (run(draft, { shown: `-${letter}`, name, rest, joined })) return;
  }
}

interface Given {
  readonly shown: string;
  readonly name: string;
  readonly rest: string[];
  /** What follows in the same word. */
  readonly joined?: string;
}

/** Whether it took what follows in the same word. */
function run(draft: Draft, { shown, name, rest, joined = '' }: Given): boolean {
  const option = known.get(name);
  if (option === undefined) {
    throw new UsageError(`explain does not know curl's ${nameOnly(shown)}: leave it out`);
  }
  if (!option.takes) {
    option.run(draft);
    return false;
  }
  const value = joined === '' ? rest.shift() : joined;
  if (value === undefined) throw new UsageError(`curl's ${shown} needs a value`);
  option.run(draft, value);
  return true;
}

function nameOnly(shown: string): string {
  return /^--?[\w#.-]{1,40}/.exec(shown)?.[0] ?? 'option';
}

function requestOf(draft: Draft): CurlRequest {
  const [address, ...more] = draft.addresses;
  if (address === undefined) throw new UsageError('the curl command has no URL');
  if (more.length > 0) throw new UsageError('explain takes one URL; put it into quotes if it has blanks');
  const url = urlOf(address);
  const body = draft.data.length === 0 ? undefined : draft.data.join('&');
  const movesBody = draft.isGet && body !== undefined;
  if (movesBody) url.search = url.search === '' ? body : `${url.search}&${body}`;
  const sent = movesBody ? undefined : body;
  const usual = draft.isHead ? 'HEAD' : sent === undefined ? 'GET' : 'POST';
  const method = draft.method ?? usual;
  if (!/^[A-Z]{1,20}$/.test(method)) throw new UsageError('the method must be of capital letters');
  return {
    method,
    url,
    headers: tableOf(draft, sent !== undefined),
    ...(sent === undefined ? {} : { body: sent }),
  };
}

function urlOf(address: string): URL {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(address) ? address : `http://${address}`);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError('the URL must be an http or https address');
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('the URL has a user name: a BFF takes no password. Give the token it takes with -H');
  }
  url.hash = '';
  return url;
}

function tableOf({ headers, implied }: Draft, hasBody: boolean): CurlRequest['headers'] {
  const table = new Map<string, string | readonly string[]>(implied);
  if (!hasBody) table.delete('content-type');
  const given = Map.groupBy(headers, ([name]) => name);
  for (const [name, lines] of given) {
    const [first = '', ...more] = lines.map(([, value]) => value).filter((value) => value !== '');
    if (first === '' || ownHeaders.has(name)) table.delete(name);
    else if (name === 'cookie') table.set(name, [first, ...more].join('; '));
    else table.set(name, more.length === 0 ? first : [first, ...more]);
  }
  return Object.fromEntries(table);
}

/** `Name: value`, or `@FILE` with one per line. */
function headersIn(text: string, readText: ReadText): (readonly [string, string])[] {
  const lines = text.startsWith('@') ? readText(text.slice(1)).split(/\r?\n/) : [text];
  return lines.filter((line) => line.trim() !== '').map(headerIn);
}

function headerIn(line: string): readonly [string, string] {
  const [, name, value = ''] = /^([\w!#$%&'*+.^`|~-]{1,100})[:;](.*)$/s.exec(line) ?? [];
  if (name === undefined) throw new UsageError("a header must look like -H 'Name: value'");
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new UsageError(`the value of the header ${name} has a character that no header may have`);
  }
  return [name.toLowerCase(), value.trim()];
}

function addForm(draft: Draft, text: string): void {
  draft.data.push(text);
  if (!draft.implied.has('content-type'))
    draft.implied.set('content-type', 'application/x-www-form-urlencoded');
}

/** The value, or what is in the file that it names. */
function textOf({ readText }: Draft, value: string): string {
  return value.startsWith('@') ? readText(value.slice(1)) : value;
}

function takes(runWith: (draft: Draft, value: string) => void): Option {
  return { takes: true, run: runWith };
}

function flag(runWith: (draft: Draft) => void): Option {
  return { takes: false, run: runWith };
}

function refused(why: string): Option {
  return takes(() => {
    throw new UsageError(why);
  });
}

function refusedFlag(why: string): Option {
  return flag(() => {
    throw new UsageError(why);
  });
}
