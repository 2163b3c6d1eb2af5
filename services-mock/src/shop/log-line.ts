/**
 * A BFF's JSON log line as a person reads it: status, route, time, and where the time went.
 *
 * @module
 */

/** One line for the terminal; what is not a request's line stays as it is. */
export function formatLine(name: string, line: string): string {
  const fields = parse(line);
  const place = name.padEnd(8);
  if (fields === undefined) return `${place} ${line}`;
  if (fields.msg === 'request') return `${place} ${formatRequest(fields)}`;
  if (fields.msg === 'breaker') {
    return `${place} breaker of ${text(fields.upstream)}: ${text(fields.from)} → ${text(fields.to)}`;
  }
  return `${place} ${text(fields.msg)}`;
}

function formatRequest(fields: Record<string, unknown>): string {
  const byStart = (a: Record<string, unknown>, b: Record<string, unknown>): number =>
    Number(a.startMs) - Number(b.startMs);
  const calls = Array.isArray(fields.calls) ? fields.calls.toSorted(byStart).map(formatCall).join('') : '';
  const degraded = Array.isArray(fields.degraded) ? ` without ${fields.degraded.join(', ')}` : '';
  const code = fields.code === undefined ? '' : ` ${text(fields.code)}`;
  const ms = `${text(fields.ms)} ms`.padStart(9);
  const cause =
    fields.cause === undefined
      ? ''
      : `\n             ${text(fields.cause).replaceAll('\n', '\n             ')}`;
  return `${text(fields.status)} ${ms}  ${text(fields.method)} ${text(fields.route)}${code}${degraded}${calls}${cause}`;
}

/** When it began, how long it took, which node and operation, and how it ended unless well. */
function formatCall(call: Record<string, unknown>): string {
  const outcome = call.outcome === 'ok' ? '' : ` ${text(call.outcome)}`;
  const again = Number(call.attempts) > 1 ? ` after ${text(call.attempts)} attempts` : '';
  const when = `${text(call.startMs)} +${text(call.ms)} ms`.padStart(20);
  const cause = call.cause === undefined ? '' : `\n${' '.repeat(28)}${text(call.cause)}`;
  return `\n      ${when}  ${text(call.node)} ${text(call.call)}${outcome}${again}${cause}`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
