/**
 * One operation as an upstream file declares it, as plain data.
 *
 * @module
 */
import type { Operation } from 'bffkit';

export type Contract = Operation<unknown, unknown>['contract'];

/** `orders.list`, as graphs call it. */
export function idOf({ upstream, name }: Contract): string {
  return `${upstream}.${name}`;
}
