import { change, down, up } from 'bffkit';
import { test } from 'vitest';
import { z } from 'zod';

const Order = z.object({ reference: z.string().nullable(), status: z.string() });

test('a change is typed against both shapes', () => {
  change({
    name: 'order-reference',
    summary: 'The reference was a purchase order.',
    response: down(Order, {
      newer: { reference: z.string().nullable() },
      older: { purchaseOrder: z.string().nullable(), status: z.enum(['open', 'done']).optional() },
      map: ({ reference }) => ({ purchaseOrder: reference, status: reference === null ? 'open' : 'done' }),
    }),
  });
});

test('a member that is forgotten, of another type, or read and not there is an error', () => {
  const newer = { reference: z.string().nullable() };
  const older = { purchaseOrder: z.string() };
  // @ts-expect-error purchaseOrder is missing
  down(Order, { newer, older, map: () => ({}) });
  // @ts-expect-error purchaseOrder was never null
  down(Order, { newer, older, map: ({ reference }) => ({ purchaseOrder: reference }) });
  // @ts-expect-error the newest shape has no total
  down(Order, { newer, older, map: ({ total }) => ({ purchaseOrder: String(total) }) });
  // @ts-expect-error a request comes up: it is given what was before
  up(Order, { newer, older, map: ({ reference }) => ({ reference }) });
});
