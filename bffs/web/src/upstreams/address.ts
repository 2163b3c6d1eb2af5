import { z } from 'zod';

/** A postal address; `country` as ISO 3166-1 alpha-2. */
export const Address = z.object({
  line1: z.string(),
  city: z.string(),
  postcode: z.string(),
  country: z.string(),
});
