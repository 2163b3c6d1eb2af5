/**
 * The seven figures that operators of a BFF watch, each recorded under a name of its own and with an alert at the
 * owner's target. Shares are of the last five minutes; where there were no requests there is no share.
 *
 * @module
 */
import { type AlertRule, type RecordingRule, type RuleGroup, type Span, selector } from './rule-file.ts';

/** The targets; an alert fires beyond them. */
const targets = {
  serverErrors: 0.001,
  overheadSeconds: 0.2,
  upstreamHealth: 0.95,
  limitHits: 0.05,
  authFailures: 0.01,
  poolUse: 0.7,
} as const;

/** The rules of the seven for one BFF. */
export function keyMetricRules(bff: string, owner: string, span: Span): RuleGroup {
  const context = { bff, owner, span, of: selector({ bff }) };
  return {
    name: `bffkit-key-metrics ${bff}`,
    rules: [
      ...requestRate(context),
      ...serverErrors(context),
      ...overhead(context),
      ...upstreamHealth(context),
      ...limitHits(context),
      ...authFailures(context),
      ...poolUse(context),
    ],
  };
}

type Rules = readonly (RecordingRule | AlertRule)[];

interface RuleContext {
  readonly bff: string;
  readonly owner: string;
  readonly span: Span;
  /** Selects the series of this BFF. */
  readonly of: string;
}

const all = 'bff_http_request_duration_seconds_count';

function requestRate(context: RuleContext): Rules {
  const { of, span } = context;
  const name = 'bff:http_requests:rate5m';
  return [
    { record: name, expr: `sum by (bff) (rate(${all}${of}[${span('5m')}]))` },
    alertOf(context, {
      alert: 'BffNoRequests',
      // `unless` rather than `== 0`: of a BFF that is gone there is no sample at all.
      expr: `avg_over_time(${name}${of}[${span('1h')}]) > 0.1\nunless\n${name}${of} > 0`,
      wait: '5m',
      severity: 'page',
      summary: 'had requests within the last hour and has none now.',
    }),
  ];
}

function serverErrors(context: RuleContext): Rules {
  const name = 'bff:http_errors:ratio_rate5m';
  return [
    { record: name, expr: shareOf(context, `${all}{bff="${context.bff}",status=~"5.."}`) },
    alertOf(context, {
      alert: 'BffServerErrors',
      expr: `${name}${context.of} > ${targets.serverErrors}`,
      wait: '5m',
      severity: 'page',
      summary:
        'answers {{ $value | humanizePercentage }} of its requests with 5xx; the target is below 0.1 %.',
    }),
  ];
}

function overhead(context: RuleContext): Rules {
  const { of, span } = context;
  const name = 'bff:gateway_overhead_seconds:p99_5m';
  const buckets = `sum by (bff, le) (rate(bff_gateway_overhead_seconds_bucket${of}[${span('5m')}]))`;
  return [
    { record: name, expr: `histogram_quantile(0.99, ${buckets})` },
    alertOf(context, {
      alert: 'BffOverheadHigh',
      expr: `${name}${of} > ${targets.overheadSeconds}`,
      wait: '5m',
      severity: 'ticket',
      summary:
        'adds {{ $value | humanizeDuration }} of its own to requests (p99); the target is below 200 ms.',
    }),
  ];
}

/** 1 is well: no failed call, no open breaker, no bad target; the worst of the three decides. */
function upstreamHealth(context: RuleContext): Rules {
  const { bff, of, span } = context;
  const by = 'by (bff, upstream)';
  const calls = 'bff_upstream_call_duration_seconds_count';
  const failed = 'upstream-.*|circuit-open|deadline-exceeded';
  const rate = (selected: string): string => `sum ${by} (rate(${calls}${selected}[${span('5m')}]))`;
  const failures = 'bff_upstream:call_failures:ratio_rate5m';
  const health = 'bff_upstream:health:min';
  const part = (expr: string, name: string): string => `label_replace(${expr}, "part", "${name}", "", "")`;
  return [
    {
      record: failures,
      expr: `(${rate(`{bff="${bff}",outcome=~"${failed}"}`)} or 0 * ${rate(of)})\n/\n(${rate(of)} > 0)`,
    },
    {
      record: health,
      expr: `min ${by} (\n  ${[
        part(`1 - ${failures}${of}`, 'calls'),
        part(`1 - max ${by} (max_over_time(bff_breaker_open${of}[${span('1m')}]))`, 'breakers'),
        part(
          `sum ${by} (bff_upstream_targets{bff="${bff}",state="good"}) / (sum ${by} (bff_upstream_targets${of}) > 0)`,
          'targets',
        ),
      ].join('\n  or\n  ')}\n)`,
    },
    alertOf(context, {
      alert: 'BffUpstreamUnhealthy',
      expr: `${health}${of} < ${targets.upstreamHealth}`,
      wait: '1m',
      severity: 'ticket',
      summary: 'finds {{ $labels.upstream }} unhealthy: failing calls, an open breaker or bad targets.',
    }),
  ];
}

function limitHits(context: RuleContext): Rules {
  const name = 'bff:limit_hits:ratio_rate5m';
  return [
    {
      record: name,
      expr: shareOf(context, `bff_http_request_problems_total{bff="${context.bff}",code="rate-limited"}`),
    },
    alertOf(context, {
      alert: 'BffLimitHits',
      expr: `${name}${context.of} > ${targets.limitHits}`,
      wait: '5m',
      severity: 'ticket',
      summary:
        'refuses {{ $value | humanizePercentage }} of its requests by limits; the target is below 5 %.',
    }),
  ];
}

function authFailures(context: RuleContext): Rules {
  const name = 'bff:auth_failures:ratio_rate5m';
  return [
    { record: name, expr: shareOf(context, `bff_auth_failures_total${context.of}`) },
    alertOf(context, {
      alert: 'BffAuthFailures',
      expr: `${name}${context.of} > ${targets.authFailures}`,
      wait: '5m',
      severity: 'ticket',
      summary:
        'refuses {{ $value | humanizePercentage }} of its requests with 401 or 403; the target is below 1 %.',
    }),
  ];
}

/** The fuller of both: the places for calls to an upstream, and the connections they run on. */
function poolUse(context: RuleContext): Rules {
  const { bff, of } = context;
  const name = 'bff_upstream:pool_use:max';
  const use = (metric: string, label: string): string => {
    const at = (kind: string): string => `${metric}{bff="${bff}",${label}="${kind}"}`;
    const share = `${at('running')} / ignoring (${label}) ${at('limit')}`;
    return `label_replace(max by (bff, upstream) (${share}), "pool", "${metric}", "", "")`;
  };
  return [
    {
      record: name,
      expr: `max by (bff, upstream) (\n  ${use('bff_upstream_places', 'kind')}\n  or\n  ${use('bff_upstream_sockets', 'state')}\n)`,
    },
    alertOf(context, {
      alert: 'BffPoolUse',
      expr: `avg_over_time(${name}${of}[${context.span('5m')}]) > ${targets.poolUse}`,
      wait: '5m',
      severity: 'ticket',
      summary:
        'uses {{ $value | humanizePercentage }} of the connections to {{ $labels.upstream }}; the target is below 70 %.',
    }),
  ];
}

/** The share of all requests that a counter counts; 0 where it counts none yet. */
function shareOf({ of, span }: RuleContext, counter: string): string {
  const rate = (metric: string): string => `sum by (bff) (rate(${metric}[${span('5m')}]))`;
  const requests = rate(`${all}${of}`);
  return `(${rate(counter)} or 0 * ${requests})\n/\n(${requests} > 0)`;
}

interface KeyAlert {
  readonly alert: string;
  readonly expr: string;
  readonly wait: string;
  readonly severity: 'page' | 'ticket';
  /** What the BFF does; its name comes before. */
  readonly summary: string;
}

/** An alert under the labels that all of a BFF's have. */
export function alertOf(
  { bff, owner, span }: RuleContext,
  { alert, expr, wait, severity, summary }: KeyAlert,
): AlertRule {
  return {
    alert,
    expr,
    for: span(wait),
    labels: { severity, bff, owner },
    annotations: { summary: `${bff} ${summary}` },
  };
}
