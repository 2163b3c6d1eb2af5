/**
 * What a documentation portal is to a BFF: pages, and the wish to know what it shows.
 *
 * @module
 */
import type { Bff } from './bff.ts';
import type { Endpoint } from './endpoint/endpoint.ts';

/** As much of a BFF as a portal shows. */
export type DescribedBff = Pick<Bff, 'name' | 'owner' | 'graph' | 'declared'>;

export interface Portal {
  /** Its pages. */
  readonly endpoints: readonly Endpoint[];
  /** Begins to show a BFF, once that is checked. @throws {RangeError} when it cannot. */
  describe(bff: DescribedBff): void;
}
