/**
 * The certificates of `tls/`, see its README: for tests only.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of one of them, such as `server.pem`. */
export function tlsFile(name: string): string {
  return fileURLToPath(new URL(`tls/${name}`, import.meta.url));
}

/** The PEM text of one of them. */
export function tlsText(name: string): string {
  return readFileSync(tlsFile(name), 'utf8');
}

/** The certificate that a gateway of a test serves with. */
export const serverPair = { certFile: tlsFile('server.pem'), keyFile: tlsFile('server.key') };
