/**
 * Budgets in tests: an endpoint whose answer weighs more than was promised fails, with the fields to look at.
 *
 * @module
 */
import { endpointName } from '../endpoint/check-options.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { fieldWeights } from '../endpoint/field-weights.ts';

const shown = 5;

/**
 * Holds an answer against the budget of its endpoint.
 *
 * @param body The JSON text of the answer, before compression.
 * @throws {Error} when the answer weighs more, naming its heaviest fields, or when there is no budget.
 *
 * @example
 * requireBudget(home, await answer.text());
 */
export function requireBudget(endpoint: Endpoint, body: string): void {
  const { budget } = endpoint.options;
  const name = endpointName(endpoint);
  if (budget === undefined) throw new Error(`${name} has no budget: add budget: { bytes } to it`);
  const bytes = Buffer.byteLength(body);
  if (bytes <= budget.bytes) return;
  const heaviest = fieldWeights(body)
    .slice(0, shown)
    .map((weight) => `\n  ${weight.field}: ${weight.bytes} bytes, ${Math.round(weight.share * 100)} %`);
  throw new Error(
    `${name} weighs ${bytes} bytes, ${bytes - budget.bytes} over its budget of ${budget.bytes}; the heaviest fields:${heaviest.join('')}`,
  );
}
