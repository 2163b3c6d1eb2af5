/**
 * Alerts for what goes wrong beside the requests: the log has the reason, and nobody reads it until they are told.
 * A line of the audit that could not be written wakes somebody; any other part may take until the morning.
 *
 * @module
 */
import { auditPart } from '../telemetry/access-log.ts';
import { alertOf } from './key-metric-rules.ts';
import { type RuleGroup, type Span, selector } from './rule-file.ts';

/** The rules for one BFF. */
export function problemRules(bff: string, owner: string, span: Span): RuleGroup {
  const context = { bff, owner, span, of: selector({ bff }) };
  const problems = 'bff_problems_total';
  const audit = `${problems}${selector({ bff, part: auditPart })}`;
  const others = `${problems}{bff="${bff}",part!="${auditPart}"}`;
  return {
    name: `bffkit-problems ${bff}`,
    rules: [
      alertOf(context, {
        alert: 'BffAuditFailing',
        expr: `sum by (bff) (increase(${audit}[${span('1h')}])) > 0`,
        wait: '1m',
        severity: 'page',
        summary: 'could not write to its audit log; the lines are in the log instead, as errors.',
      }),
      alertOf(context, {
        alert: 'BffPartFailing',
        expr: `sum by (bff, part) (increase(${others}[${span('30m')}])) > 0`,
        wait: '30m',
        severity: 'ticket',
        summary: 'has had problems with {{ $labels.part }} for half an hour; the log says which.',
      }),
    ],
  };
}
