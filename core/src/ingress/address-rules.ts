/**
 * Which addresses may call at all: partners from their networks, everybody but one. Judged before anything
 * else is known about the caller.
 *
 * @module
 */
import { requireKnown } from '../context/options.ts';
import { addressList } from './address-list.ts';

export interface AddressOptions {
  /** Addresses or CIDR ranges that may call. Default all. */
  readonly allow?: readonly string[];
  /** Addresses or CIDR ranges that may not, even where `allow` has them. Default none. */
  readonly deny?: readonly string[];
}

/**
 * Compiles the rules into the function that judges a client's address. An address that is not known is not
 * in any list.
 *
 * @throws {RangeError} for an unknown option, an entry that is no address, or an `allow` that lets nobody in.
 */
export function addressRules(options: AddressOptions): (address: string) => boolean {
  requireKnown('defineBff: addresses', options, ['allow', 'deny']);
  if (options.allow?.length === 0) {
    throw new RangeError('defineBff: addresses.allow must list at least one address, got none');
  }
  const allowed = options.allow && addressList('addresses.allow', options.allow);
  const denied = addressList('addresses.deny', options.deny ?? []);
  return (address) => !denied.has(address) && (allowed === undefined || allowed.has(address));
}
