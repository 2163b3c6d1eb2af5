import { z } from 'zod';

/** A postal address. */
export const Address = z
  .object({
    line1: z.string(),
    city: z.string(),
    postcode: z.string(),
    country: z.string().meta({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2, such as `DE`.' }),
  })
  .meta({ id: 'Address', description: 'A postal address.' });
