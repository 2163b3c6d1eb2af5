/**
 * Payload budgets: how many bytes an answer may have. Tests hold endpoints to theirs; in production an answer over
 * its budget goes out, and everybody who listens hears of it.
 *
 * @module
 */
import type { EventBus } from '../context/event-bus.ts';
import { requireInteger, requireKnown } from '../context/options.ts';
import type { Endpoint } from './endpoint.ts';

/** What the answer of an endpoint may weigh. */
export interface Budget {
  /** Bytes of the JSON body before compression, 1 to 10 MiB. */
  readonly bytes: number;
}

/** @throws {RangeError} naming the endpoint, the option, the bound and the value. */
export function checkBudget(
  where: string,
  { options, behaviour }: Pick<Endpoint, 'options' | 'behaviour'>,
): void {
  const { budget } = options;
  if (budget === undefined) return;
  requireKnown(`${where}: budget`, budget, ['bytes']);
  requireInteger(where, 'budget.bytes', budget.bytes, 1, 10 * 1_024 ** 2);
  if (behaviour.kind === 'plain') throw new RangeError(`${where}: budget is for JSON answers only`);
}

/** Weighs the answers of an endpoint; nothing where it has no budget. */
export function compileBudget(
  { method, path, options }: Endpoint,
  parts: { readonly bff: string; readonly events: EventBus },
): ((body: string) => void) | undefined {
  const max = options.budget?.bytes;
  if (max === undefined) return undefined;
  return function weigh(body) {
    if (body.length * 3 <= max) return; // no character has more bytes
    const bytes = Buffer.byteLength(body);
    if (bytes > max) parts.events.emit('overBudget', { bff: parts.bff, method, route: path, bytes, max });
  };
}
