/**
 * A share of all traces, decided by the identifier alone: whoever asks, on whatever instance, gets the same answer
 * for a trace, and a larger share holds everything that a smaller one holds. The spans are sampled by the same rule.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/ OpenTelemetry},
 *   consistent probability sampling: the last 56 bits of the trace's identifier against a threshold
 * @module
 */

/** Of the 56 random bits these fit a number exactly. */
const digits = 13;
const values = 16 ** digits;
const firstRandomDigit = 18;

/**
 * @param traceId 32 hexadecimal digits.
 * @param share From 0 to 1.
 */
export function isInShare(traceId: string, share: number): boolean {
  const random = Number.parseInt(traceId.slice(firstRandomDigit, firstRandomDigit + digits), 16);
  return random >= Math.round((1 - share) * values);
}
