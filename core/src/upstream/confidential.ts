/**
 * Which addresses may be sent what nobody on the way may read.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-5.3 RFC 6750, section 5.3}
 * @module
 */
const thisMachine = /^(?:localhost|[a-z0-9-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether the way to this http(s) address is encrypted, or does not leave the machine. */
export function isConfidential(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  return protocol === 'https:' || (protocol === 'http:' && thisMachine.test(hostname ?? ''));
}
