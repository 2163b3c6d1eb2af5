import { change, down } from 'bffkit';
import { z } from 'zod';
import { Money } from '../../upstreams/money.ts';

/** Currencies of ISO 4217 whose minor unit is not a hundredth. */
const digitsOf: Readonly<Record<string, number>> = {
  BHD: 3,
  CLP: 0,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  OMR: 3,
  TND: 3,
  VND: 0,
};

/** A decimal text is exact, and yet every partner turned it into a float first. */
export const moneyInMinorUnits = change({
  name: 'money-in-minor-units',
  summary: 'Amounts of money are whole minor units such as `1999`; they were decimal text such as `"19.99"`.',
  response: down(Money, {
    newer: { amount: z.number().int(), currency: z.string() },
    older: { amount: z.string().regex(/^-?\d+(\.\d+)?$/), currency: z.string() },
    map: ({ amount, currency }) => ({ amount: decimalOf(amount, digitsOf[currency] ?? 2), currency }),
  }),
});

/** Moves the point in the digits, not in a float. */
function decimalOf(amount: number, digits: number): string {
  const sign = amount < 0 ? '-' : '';
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
