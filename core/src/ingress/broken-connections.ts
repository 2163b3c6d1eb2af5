/**
 * Connections on which a request was refused because its end is in doubt. What follows on one may be a part
 * of its body, made to look like a request; Node has often parsed it before the answer closes the connection.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-11.2 RFC 9112, section 11.2}, request smuggling
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';
import type { RawHead } from './guard.ts';

export class BrokenConnections {
  readonly #sockets = new WeakSet<object>();

  /** Remembers the connection of a refusal that closes it. */
  note({ socket }: RawHead, { options }: GatewayError): void {
    if (socket !== undefined && options.headers?.connection === 'close') this.#sockets.add(socket);
  }

  /** The refusal of whatever follows; nothing on a sound connection. */
  refusalOf({ socket }: RawHead): GatewayError | undefined {
    if (socket === undefined || !this.#sockets.has(socket)) return undefined;
    return new GatewayError('bad-request-header', {
      detail: 'The request before it on this connection had no certain end.',
      headers: { connection: 'close' },
    });
  }
}
