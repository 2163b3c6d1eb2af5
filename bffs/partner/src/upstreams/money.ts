import { z } from 'zod';

/** An amount of money in minor units (cents). */
export const Money = z
  .object({
    amount: z.number().int().describe('Whole minor units: 1999 is 19.99 where the currency has cents.'),
    currency: z.string().meta({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, such as `EUR`.' }),
  })
  .meta({ id: 'Money', description: 'An amount of money.' });
