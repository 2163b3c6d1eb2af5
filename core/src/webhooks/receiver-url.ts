/**
 * The URLs that webhooks may be sent to. What a name leads to is checked again whenever a socket is opened.
 *
 * @see {@link https://url.spec.whatwg.org/#host-parsing WHATWG URL}: `0x7f.1` and `2130706433` are `127.0.0.1` after it
 * @see {@link https://www.iana.org/assignments/special-use-domain-names/ IANA, special-use domain names}
 * @module
 */
import { isIP } from 'node:net';
import { isPublicAddress } from './special-ranges.ts';

const maxLength = 2_048;
/** Below it, beside 443, are the services of machines, not of partners. */
const minPort = 1_024;
const maxPathLength = 1_024;

/** Names that mean something inside of networks only. `internal` is reserved by ICANN for that. */
const localSuffixes = [
  'localhost',
  'local',
  'internal',
  'intranet',
  'lan',
  'home',
  'corp',
  'arpa',
  'onion',
  'alt',
  'test',
  'example',
  'invalid',
];

/** The URL as it will be asked, or why it will not. */
export type ReceiverUrl = { readonly url: URL } | { readonly fault: string };

/**
 * Reads the URL of a receiver.
 *
 * @param allowPrivate Lets in `http`, and addresses and names of private networks; for development.
 *
 * @example
 * readReceiverUrl('https://127.1/', false); // => { fault: 'must not be an address of a private or special network' }
 */
export function readReceiverUrl(text: string, allowPrivate: boolean): ReceiverUrl {
  if (text.length > maxLength) return { fault: `must have at most ${maxLength} characters` };
  const url = URL.parse(text);
  if (url === null) return { fault: 'must be a URL' };
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:'))
    return { fault: 'must begin with https://' };
  if (url.username !== '' || url.password !== '') return { fault: 'must not have a user or a password' };
  if (text.includes('#')) return { fault: 'must not have a fragment' };
  if (url.port !== '' && Number(url.port) < minPort)
    return { fault: `must have the port 443, or one from ${minPort}` };
  if (url.pathname.length + url.search.length > maxPathLength)
    return { fault: `must have at most ${maxPathLength} characters after the host` };
  url.hostname = url.hostname.replace(/\.$/, ''); // the same name, written to its end
  const fault = allowPrivate ? undefined : hostFault(hostOf(url));
  return fault === undefined ? { url } : { fault };
}

/** The host without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function hostFault(host: string): string | undefined {
  if (isIP(host) !== 0) {
    return isPublicAddress(host) ? undefined : 'must not be an address of a private or special network';
  }
  const labels = host.split('.');
  if (labels.length < 2 || localSuffixes.includes(labels.at(-1) ?? ''))
    return 'must have a host of the Internet';
  return undefined;
}
