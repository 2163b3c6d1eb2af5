/**
 * The size of a request's head: how long its target may be and how many header lines it may have. Their
 * bytes are bounded by the server's parser (16 KiB), which answers 431 by itself; bodies by `body.ts`.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585#section-5 RFC 6585, section 5}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

const maxTargetLength = 8_192;
const maxHeaderLines = 100;

/** 414 `uri-too-long` or 431 `headers-too-large`; nothing for a modest head. */
export function checkSize(target: string, headerLines: number): GatewayError | undefined {
  if (target.length > maxTargetLength) {
    return new GatewayError('uri-too-long', {
      detail: `The request target may have at most ${maxTargetLength} characters.`,
    });
  }
  if (headerLines > maxHeaderLines) {
    return new GatewayError('headers-too-large', {
      detail: `The request may have at most ${maxHeaderLines} header lines.`,
    });
  }
  return undefined;
}
