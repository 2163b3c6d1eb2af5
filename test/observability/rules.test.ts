/**
 * The generated rules in promtool: it takes them, they fire on series that break a promise, and they stay silent
 * on series that keep it.
 */
import { describe, expect, test } from 'vitest';
// @boundaries-ignore the rules as data; the command prints them
import { rulesOf } from '../../core/src/slo/rules.ts';
import { loadBffs } from '../support/bff-package.ts';
import { promtool } from '../support/prometheus.ts';

const graph = {
  name: 'web',
  owner: '@acme/web',
  endpoints: [{ method: 'GET', path: '/home', slo: { availability: 99.9, latency: { p: 99, ms: 500 } } }],
} as unknown as Parameters<typeof rulesOf>[0];

interface Series {
  readonly series: string;
  /** In promtool's form: `0+60x120` counts 60 a minute for two hours. */
  readonly values: string;
}

interface Expected {
  readonly at: string;
  /** Names of the alerts that fire, with their severity. */
  readonly fires: readonly string[];
}

/** The rules of the objectives alone: promtool is slow. */
const sloRules = { groups: rulesOf(graph).groups.slice(1) };

/** Those of the problems alone. */
const problemRules = { groups: rulesOf(graph).groups.slice(-1) };

/** Runs rules over `series`; resolves to what promtool says. */
async function verdict(
  series: readonly Series[],
  expected: readonly Expected[],
  rules: object = sloRules,
): Promise<string> {
  const firing = 'count by (alertname, severity) (ALERTS{alertstate="firing"})';
  const tests = {
    rule_files: ['rules.yml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: series,
        promql_expr_test: expected.map(({ at, fires }) => ({
          expr: firing,
          eval_time: at,
          exp_samples: fires.map((name) => {
            const [alertname, severity] = name.split(' ');
            return { labels: `{alertname="${alertname}",severity="${severity}"}`, value: 1 };
          }),
        })),
      },
    ],
  };
  const { code, output } = await promtool(['test', 'rules', 'tests.yml'], {
    'rules.yml': rules,
    'tests.yml': tests,
  });
  return code === 0 ? 'as expected' : output;
}

const bffs = (await loadBffs()).map(({ name, graph: found }) => ({ name, found }));

describe('promtool takes the rules', () => {
  test.each(bffs)('of $name', async ({ found }) => {
    const { code, output } = await promtool(['check', 'rules', '--lint=all', '--lint-fatal', 'rules.yml'], {
      'rules.yml': rulesOf(found),
    });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('SUCCESS') });
  });

  test('of every BFF in one file', async () => {
    const groups = bffs.flatMap(({ found }) => rulesOf(found).groups);
    expect(await promtool(['check', 'rules', 'rules.yml'], { 'rules.yml': { groups } })).toMatchObject({
      code: 0,
    });
  });

  test('and sees what is wrong with others', async () => {
    const groups = [{ name: 'wrong', rules: [{ record: 'a', expr: 'sum(' }] }];
    expect(await promtool(['check', 'rules', 'rules.yml'], { 'rules.yml': { groups } })).toMatchObject({
      code: 1,
    });
  });
});

/** 600 requests a minute on two instances, and `bad` of them in promtool's form. */
function slo(sli: string, bad: string, all = '0+600x600'): Series[] {
  return ['a', 'b'].flatMap((instance) => {
    const labels = `{bff="web",instance="${instance}",method="GET",route="/home",sli="${sli}"}`;
    return [
      { series: `bff_slo_requests_total${labels}`, values: all },
      { series: `bff_slo_bad_requests_total${labels}`, values: bad },
    ];
  });
}

const fast = 'BffSloBurnsFast page';
const slow = 'BffSloBurns ticket';

describe('an objective for availability', { timeout: 120_000 }, () => {
  /** So many times the budget of 0.1 %, as bad requests of 600 a minute. */
  const burning = (factor: number): number => 0.6 * factor;

  test.each<[string, string, Expected[]]>([
    ['without bad requests is silent', '0+0x600', [{ at: '2h', fires: [] }]],
    ['at just below the even pace is silent', `0+${burning(0.9)}x600`, [{ at: '7h', fires: [] }]],
    ['at twice the even pace makes a ticket', `0+${burning(2)}x600`, [{ at: '7h', fires: [slow] }]],
    ['at seven times wakes somebody', `0+${burning(7)}x600`, [{ at: '7h', fires: [slow, fast] }]],
    [
      'that breaks after good hours wakes somebody within minutes, and lets them sleep soon after it is mended',
      `0+0x300 0+${burning(90)}x15 ${15 * burning(90)}+0x300`,
      [
        { at: '5h', fires: [] },
        { at: '5h14m', fires: [fast, slow] },
        { at: '6h', fires: [slow] },
      ],
    ],
    [
      'with one bad minute in good hours is silent',
      `0+0x240 ${burning(10)}+0x60`,
      [
        { at: '4h3m', fires: [] },
        { at: '5h', fires: [] },
      ],
    ],
  ])('%s', async (_what, bad, expected) => {
    expect(await verdict(slo('availability', bad), expected)).toBe('as expected');
  });
});

test('an objective for latency has its own budget', async () => {
  expect(await verdict(slo('latency', '0+42x120'), [{ at: '2h', fires: [slow, fast] }])).toBe('as expected');
  expect(await verdict(slo('latency', '0+5x120'), [{ at: '2h', fires: [] }])).toBe('as expected');
});

test('without requests there is no ratio, no alert, and nothing that spoils the month', async () => {
  const series = slo('availability', '0+0x60 0+0x120 0+6x60', '0+600x60 36000+0x120 36000+600x60');
  expect(await verdict(series, [{ at: '2h', fires: [] }])).toBe('as expected');
  const { output, code } = await promtool(['test', 'rules', 'tests.yml'], {
    'rules.yml': sloRules,
    'tests.yml': {
      rule_files: ['rules.yml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: series,
          promql_expr_test: [
            {
              expr: 'sum(slo:sli_error:ratio_rate30d{sloth_slo="GET /home availability"}) < bool 1',
              eval_time: '4h',
              exp_samples: [{ labels: '{}', value: 1 }],
            },
            {
              expr: 'count(slo:sli_error:ratio_rate5m{sloth_slo="GET /home availability"}) or vector(0)',
              eval_time: '2h',
              exp_samples: [{ labels: '{}', value: 0 }],
            },
          ],
        },
      ],
    },
  });
  expect({ code, output }).toMatchObject({ code: 0 });
});

test('answers without an optional part are a figure of their own, and no alert', async () => {
  expect(await verdict(slo('degraded', '0+600x300'), [{ at: '2h', fires: [] }])).toBe('as expected');
});

describe('a key metric', () => {
  const keyRules = { groups: rulesOf(graph).groups.slice(0, 1) };
  const of = (name: string, labels: string, values: string): Series => ({
    series: `${name}{bff="web",instance="a"${labels}}`,
    values,
  });
  const requests = of(
    'bff_http_request_duration_seconds_count',
    ',method="GET",route="/home",status="200"',
    '0+60000x120',
  );
  const failed = (values: string): Series =>
    of('bff_http_request_duration_seconds_count', ',method="GET",route="/home",status="502"', values);
  const overhead = (le: string, perMinute: number): Series =>
    of('bff_gateway_overhead_seconds_bucket', `,method="GET",route="/home",le="${le}"`, `0+${perMinute}x120`);
  const limited = (values: string): Series =>
    of('bff_http_request_problems_total', ',method="GET",route="/home",code="rate-limited"', values);
  const auth = (values: string): Series => of('bff_auth_failures_total', ',code="invalid-token"', values);
  const places = (kind: string, value: number): Series =>
    of('bff_upstream_places', `,upstream="users",kind="${kind}"`, `${value}x120`);
  const sockets = (state: string, value: number): Series =>
    of('bff_upstream_sockets', `,upstream="users",state="${state}"`, `${value}x120`);
  const calls = (outcome: string, values: string): Series =>
    of(
      'bff_upstream_call_duration_seconds_count',
      `,upstream="users",operation="get",outcome="${outcome}"`,
      values,
    );
  const breaker = (value: number): Series =>
    of('bff_breaker_open', ',upstream="users",operation=""', `${value}x120`);
  const targets = (state: string, value: number): Series =>
    of('bff_upstream_targets', `,upstream="users",state="${state}"`, `${value}x120`);

  test.each<[string, Series[], string[]]>([
    ['without failures is silent', [requests], []],
    ['of 0.05 % failures is silent', [requests, failed('0+30x120')], []],
    ['of 0.2 % failures fires', [requests, failed('0+120x120')], ['BffServerErrors page']],
    [
      'of a fast gateway is silent',
      [requests, overhead('0.1', 59_000), overhead('0.2', 59_900), overhead('+Inf', 60_000)],
      [],
    ],
    [
      'of a slow gateway fires',
      [
        requests,
        overhead('0.1', 59_000),
        overhead('0.2', 59_300),
        overhead('0.5', 60_000),
        overhead('+Inf', 60_000),
      ],
      ['BffOverheadHigh ticket'],
    ],
    ['of 4 % limit hits is silent', [requests, limited('0+2400x120')], []],
    ['of 6 % limit hits fires', [requests, limited('0+3600x120')], ['BffLimitHits ticket']],
    ['of 0.5 % auth failures is silent', [requests, auth('0+300x120')], []],
    ['of 2 % auth failures fires', [requests, auth('0+1200x120')], ['BffAuthFailures ticket']],
    ['of a pool at 60 % is silent', [places('running', 38), places('limit', 64)], []],
    ['of places at 80 % fires', [places('running', 52), places('limit', 64)], ['BffPoolUse ticket']],
    [
      'of connections at 80 % fires, even if there are places',
      [places('running', 10), places('limit', 64), sockets('running', 52), sockets('limit', 64)],
      ['BffPoolUse ticket'],
    ],
    [
      'of a healthy upstream is silent',
      [
        calls('ok', '0+600x120'),
        calls('upstream-error', '0+6x120'),
        breaker(0),
        targets('good', 2),
        targets('bad', 0),
      ],
      [],
    ],
    [
      'of calls that fail fires',
      [calls('ok', '0+500x120'), calls('upstream-timeout', '0+100x120'), breaker(0)],
      ['BffUpstreamUnhealthy ticket'],
    ],
    [
      'of what a service rightly does not find is silent',
      [calls('ok', '0+500x120'), calls('not-found', '0+100x120')],
      [],
    ],
    ['of an open breaker fires', [calls('ok', '0+600x120'), breaker(1)], ['BffUpstreamUnhealthy ticket']],
    [
      'of a bad target fires',
      [calls('ok', '0+600x120'), targets('good', 1), targets('bad', 1)],
      ['BffUpstreamUnhealthy ticket'],
    ],
  ])('%s', async (_what, series, fires) => {
    expect(await verdict(series, [{ at: '30m', fires }], keyRules)).toBe('as expected');
  });

  test.each([
    ['stop', '0+600x60 36000+0x60'],
    ['end with the process', '0+600x60 _x60'],
  ])('fires when requests %s', async (_how, values) => {
    const series = of(
      'bff_http_request_duration_seconds_count',
      ',method="GET",route="/home",status="200"',
      values,
    );
    expect(
      await verdict(
        [series],
        [
          { at: '59m', fires: [] },
          { at: '75m', fires: ['BffNoRequests page'] },
        ],
        keyRules,
      ),
    ).toBe('as expected');
  });
});

describe('an alert for problems', { timeout: 120_000 }, () => {
  const problems = (part: string, values: string): Series => ({
    series: `bff_problems_total{bff="web",instance="a",part="${part}"}`,
    values,
  });

  test.each<[string, Series[], string[]]>([
    ['is silent without any', [problems('audit log', '0+0x120')], []],
    [
      'wakes somebody for one line of the audit',
      [problems('audit log', '0x50 1x70')],
      ['BffAuditFailing page'],
    ],
    ['lets one problem of another part pass', [problems('traces', '0x50 1x70')], []],
    ['makes a ticket of one that lasts', [problems('traces', '0+1x120')], ['BffPartFailing ticket']],
  ])('%s', async (_what, series, fires) => {
    expect(await verdict(series, [{ at: '1h40m', fires }], problemRules)).toBe('as expected');
  });
});
