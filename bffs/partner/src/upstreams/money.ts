import { z } from 'zod';

/** An amount of money in minor units (cents). */
export const Money = z.object({ amount: z.number().int(), currency: z.string() });
