import { z } from 'zod';

/** A moment as every answer says it: ISO 8601 in UTC. `about` is what happens then. */
export function instant(about: string): z.ZodString {
  return z.string().meta({ format: 'date-time', description: `${about} ISO 8601 in UTC.` });
}
