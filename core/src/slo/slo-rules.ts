/**
 * Objectives as Prometheus rules, with the names and labels that sloth gives them, so that its public dashboards
 * fit: the share of bad requests over each window, facts about the objective, and two alerts.
 *
 * @see {@link https://sloth.dev/ sloth}
 * @module
 */
import { type BurnRate, burnWindows, pageRates, ticketRates } from './burn-rates.ts';
import { type Objective, periodDays, sloName } from './objectives.ts';
import { type AlertRule, type RecordingRule, type RuleGroup, type Span, selector } from './rule-file.ts';

type Labels = Readonly<Record<string, string>>;

/** The rules of one objective. */
export function sloRules(objective: Objective, span: Span): RuleGroup[] {
  const slo = sloName(objective);
  const labels = { sloth_id: `${objective.bff} ${slo}`, sloth_service: objective.bff, sloth_slo: slo };
  return [
    { name: `sloth-slo-sli-recordings ${labels.sloth_id}`, rules: ratioRules(objective, labels, span) },
    { name: `sloth-slo-meta-recordings ${labels.sloth_id}`, rules: metaRules(objective, labels) },
    {
      name: `sloth-slo-alerts ${labels.sloth_id}`,
      rules: [
        alert(objective, labels, { severity: 'page', rates: pageRates }),
        alert(objective, labels, { severity: 'ticket', rates: ticketRates }),
      ],
    },
  ];
}

/** Where nobody asked there is no ratio, rather than one that is no number and spoils every sum. */
function ratio(selected: string, window: string): string {
  const rate = (metric: string): string => `sum(rate(${metric}${selected}[${window}]))`;
  return `${rate('bff_slo_bad_requests_total')}\n/\n(${rate('bff_slo_requests_total')} > 0)`;
}

function ratioRules(objective: Objective, labels: Labels, span: Span): RecordingRule[] {
  const { bff, method, path, sli } = objective;
  const selected = selector({ bff, method, route: path, sli });
  const shortest = `slo:sli_error:ratio_rate5m${selector(labels)}`;
  const period = span(`${periodDays}d`);
  return [
    ...burnWindows.map((window) => ({
      record: `slo:sli_error:ratio_rate${window}`,
      expr: ratio(selected, span(window)),
      labels: { ...labels, sloth_window: window },
    })),
    {
      record: `slo:sli_error:ratio_rate${periodDays}d`,
      expr: `sum_over_time(${shortest}[${period}])\n/ ignoring (sloth_window)\ncount_over_time(${shortest}[${period}])`,
      labels: { ...labels, sloth_window: `${periodDays}d` },
    },
  ];
}

function metaRules({ objective, budget, owner, promise }: Objective, labels: Labels): RecordingRule[] {
  const of = selector(labels);
  const burn = (ratioName: string): string =>
    `${ratioName}${of}\n/ on(sloth_id, sloth_slo, sloth_service) group_left\nslo:error_budget:ratio${of}`;
  return [
    { record: 'slo:objective:ratio', expr: `vector(${objective})`, labels },
    { record: 'slo:error_budget:ratio', expr: `vector(${budget})`, labels },
    { record: 'slo:time_period:days', expr: `vector(${periodDays})`, labels },
    { record: 'slo:current_burn_rate:ratio', expr: burn('slo:sli_error:ratio_rate5m'), labels },
    { record: 'slo:period_burn_rate:ratio', expr: burn(`slo:sli_error:ratio_rate${periodDays}d`), labels },
    {
      record: 'slo:period_error_budget_remaining:ratio',
      expr: `1 - slo:period_burn_rate:ratio${of}`,
      labels,
    },
    {
      record: 'sloth_slo_info',
      expr: 'vector(1)',
      labels: {
        ...labels,
        sloth_mode: 'cli-gen-bffkit',
        sloth_objective: `${objective * 100}`,
        owner,
        promise,
      },
    },
  ];
}

interface Severity {
  readonly severity: 'page' | 'ticket';
  readonly rates: readonly BurnRate[];
}

function alert(objective: Objective, labels: Labels, { severity, rates }: Severity): AlertRule {
  const { bff, owner, method, path, sli, budget, promise } = objective;
  const above = (window: string, factor: number): string =>
    `max(slo:sli_error:ratio_rate${window}${selector(labels)} > (${factor} * ${budget})) without (sloth_window)`;
  const burns = rates.map(
    ({ factor, long, short }) => `(\n  ${above(short, factor)}\n  and\n  ${above(long, factor)}\n)`,
  );
  return {
    alert: severity === 'page' ? 'BffSloBurnsFast' : 'BffSloBurns',
    expr: burns.join('\nor\n'),
    labels: { severity, sloth_severity: severity, bff, owner, method, route: path, sli },
    annotations: {
      title: `(${severity}) ${bff} ${sloName(objective)}: the error budget burns too fast`,
      summary: `${method} ${path} of ${bff} promises that ${promise}; at this pace it breaks the promise.`,
    },
  };
}

/**
 * How many good answers went out without an optional part: a figure of its own, because a screen that lacks its
 * recommendations is no failure and no success either.
 */
export function degradedRules(bff: string, span: Span): RuleGroup {
  const selected = selector({ bff, sli: 'degraded' });
  return {
    name: `bffkit-slo-degraded ${bff}`,
    rules: ['5m', '1h', '1d'].map((window) => {
      const rate = (metric: string): string =>
        `sum by (bff, method, route) (rate(${metric}${selected}[${span(window)}]))`;
      return {
        record: `slo:sli_degraded:ratio_rate${window}`,
        expr: `${rate('bff_slo_bad_requests_total')}\n/\n(${rate('bff_slo_requests_total')} > 0)`,
      };
    }),
  };
}
