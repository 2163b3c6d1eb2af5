import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventBus } from '../context/event-bus.ts';
import type { BreakerState, RequestFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { scopes } from '../identity/access.ts';
import { asCaller, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { countFacts, type MetricsParts } from './metrics.ts';

const User = z.object({ id: z.string() });
const users = upstream('users', {
  operations: { get: get('/users/:id', { response: User, passes: [404] }) },
});
const recs = upstream('recs', { operations: { list: get('/recs', { response: z.array(z.string()) }) } });
const user = endpoint('GET', '/api/users/:id', {
  summary: 'A user.',
  access: scopes('users:read'),
  deadlineMs: 1_000,
})
  .plan(({ call, optional }) => ({
    user: call(users.get, ({ input }) => ({ params: { id: input.params.id } })),
    recs: optional(recs.list, () => ({}), { fallback: () => [] }),
  }))
  .respond(z.object({ id: z.string(), recs: z.array(z.string()) }), ({ user, recs }) => ({
    id: user.id,
    recs,
  }));

const parts: MetricsParts = { upstreams: () => [], liveRequests: () => 0, slos: [] };

/** The series of a text by name and labels, labels in the order of the alphabet. */
function seriesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      const sorted = [...labels.matchAll(/\w+="[^"]*"/g)].map(String).sort();
      return [`${name}{${sorted.join(',')}}`, Number(value)];
    }),
  );
}

/** What is there from the start, at 0. */
function isUnused(name: string, value: number): boolean {
  return value === 0 && /^bff_(?:auth_failures|sheds|problems)_total/.test(name);
}

test('one request is one of everything, under declared names only', async () => {
  const bff = testBff([user], {
    async users() {
      bff.clock.advance(40);
      return { body: { id: 'usr_1' } };
    },
    recs: () => ({ status: 500 }),
  });
  await bff.app.request('/api/users/usr_1', { headers: asCaller('usr_1', 'users:read') });
  const text = await bff.metrics.text();
  const own = [...seriesOf(text)].filter(
    ([name, value]) =>
      !/_bucket\{|^bff_upstream_(?:targets|places|retry_budget)/.test(name) && !isUnused(name, value),
  );
  expect(Object.fromEntries(own)).toEqual({
    'bff_http_request_duration_seconds_sum{bff="test",method="GET",route="/api/users/:id",status="200"}': 0.04,
    'bff_http_request_duration_seconds_count{bff="test",method="GET",route="/api/users/:id",status="200"}': 1,
    'bff_gateway_overhead_seconds_sum{bff="test",method="GET",route="/api/users/:id"}': 0,
    'bff_gateway_overhead_seconds_count{bff="test",method="GET",route="/api/users/:id"}': 1,
    'bff_http_request_bytes_total{bff="test",method="GET",route="/api/users/:id"}': 0,
    'bff_http_response_bytes_total{bff="test",method="GET",route="/api/users/:id"}': 24,
    'bff_http_upstream_bytes_total{bff="test",method="GET",route="/api/users/:id"}': 18,
    'bff_live_requests{bff="test"}': 0,
    'bff_degraded_nodes_total{bff="test",node="recs",route="/api/users/:id"}': 1,
    'bff_upstream_call_duration_seconds_sum{bff="test",operation="get",outcome="ok",upstream="users"}': 0.04,
    'bff_upstream_call_duration_seconds_count{bff="test",operation="get",outcome="ok",upstream="users"}': 1,
    'bff_upstream_call_duration_seconds_sum{bff="test",operation="list",outcome="upstream-error",upstream="recs"}': 0,
    'bff_upstream_call_duration_seconds_count{bff="test",operation="list",outcome="upstream-error",upstream="recs"}': 1,
    'bff_upstream_attempts_total{bff="test",kind="first",operation="get",upstream="users"}': 1,
    'bff_upstream_attempts_total{bff="test",kind="first",operation="list",upstream="recs"}': 1,
    'bff_limit_decisions_total{bff="test",decision="allowed",limit="default"}': 1,
    'bff_limit_store_up{bff="test"}': 1,
    'bff_breaker_open{bff="test",operation="",upstream="users"}': 0,
    'bff_breaker_open{bff="test",operation="",upstream="recs"}': 0,
  });
  const bucket = (le: string): number | undefined =>
    seriesOf(text).get(
      `bff_http_request_duration_seconds_bucket{bff="test",le="${le}",method="GET",route="/api/users/:id",status="200"}`,
    );
  expect([bucket('0.025'), bucket('0.05'), bucket('+Inf')]).toEqual([0, 1, 1]);
});

test('an upstream shows its targets, its places and its retry budget', async () => {
  const bff = testBff([user], { users: () => ({ body: { id: 'x' } }), recs: () => ({ body: [] }) });
  const series = seriesOf(await bff.metrics.text());
  const of = (name: string, label: string): number | undefined =>
    series.get(`${name}{bff="test",${label},upstream="users"}`);
  expect([of('bff_upstream_targets', 'state="good"'), of('bff_upstream_targets', 'state="bad"')]).toEqual([
    1, 0,
  ]);
  expect([of('bff_upstream_places', 'kind="running"'), of('bff_upstream_places', 'kind="limit"')]).toEqual([
    0, 64,
  ]);
  expect(of('bff_upstream_retry_budget', 'kind="allowed"')).toBe(30);
});

test('the text is the Prometheus format, with help and type for every name', async () => {
  const bff = testBff([user], { users: () => ({}), recs: () => ({}) });
  expect(bff.metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await bff.metrics.text();
  for (const [, name] of text.matchAll(/^# TYPE (\w+)/gm)) {
    expect(text).toContain(`# HELP ${name} `);
    expect(name).toMatch(/^bff_/);
  }
});

test('a problem counts under its code, a refused limit as refused', async () => {
  const bff = testBff([user], { users: () => ({ status: 404 }), recs: () => ({ body: [] }) });
  await bff.app.request('/api/users/usr_1');
  const caller = asCaller('usr_1', 'users:read');
  for (let request = 0; request < 101; request += 1)
    await bff.app.request('/api/users/usr_1', { headers: caller });
  const series = seriesOf(await bff.metrics.text());
  const problem = (code: string): number | undefined =>
    series.get(
      `bff_http_request_problems_total{bff="test",code="${code}",method="GET",route="/api/users/:id"}`,
    );
  expect([problem('not-signed-in'), problem('not-found'), problem('rate-limited')]).toEqual([1, 100, 1]);
  expect(series.get('bff_limit_decisions_total{bff="test",decision="refused",limit="default"}')).toBe(1);
});

test('problems beside the requests are counted by part, those of the audit from 0 on', async () => {
  const events = new EventBus();
  const metrics = countFacts('web', events, parts);
  const problem = (part: string): void => events.emit('problem', { part, error: new Error('secret') });
  const series = async (): Promise<unknown> =>
    [...seriesOf(await metrics.text())].filter(([name]) => name.startsWith('bff_problems_total'));
  const audit = 'bff_problems_total{bff="web",part="audit log"}';
  expect(await series()).toEqual([[audit, 0]]);
  for (const part of ['traces', 'audit log', 'traces']) problem(part);
  expect(await series()).toEqual([
    [audit, 1],
    ['bff_problems_total{bff="web",part="traces"}', 2],
  ]);
});

test('an optional call that overload left out counts as shed, one without enough time does not', async () => {
  const bff = testBff(
    [user],
    { users: () => ({ body: { id: 'x' } }), recs: () => ({ body: [] }) },
    { pressure: { level: () => 1.9 } },
  );
  const facts: RequestFact[] = [];
  const stop = bff.events.on('request', (fact) => void facts.push(fact));
  await bff.app.request('/api/users/usr_1', { headers: asCaller('usr_1', 'users:read') });
  stop();
  const shed = async (): Promise<unknown> =>
    seriesOf(await bff.metrics.text()).get('bff_sheds_total{bff="test",what="optional"}');
  expect(await shed()).toBe(1);
  const calls = facts.flatMap((fact) => fact.calls).map((call) => ({ ...call, outcome: 'skipped' as const }));
  for (const fact of facts) bff.events.emit('request', { ...fact, calls });
  expect(await shed()).toBe(1);
});

describe('labels', () => {
  test('come from declarations: nothing a client sends makes a new series', async () => {
    const allowed = {
      bff: ['test'],
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'],
      route: ['/api/users/:id', '*'],
      node: ['user', 'recs'],
      upstream: ['users', 'recs'],
      operation: ['get', 'list', ''],
      limit: ['default'],
      decision: ['allowed', 'refused'],
      what: ['endpoint', 'optional'],
      part: ['audit log'],
    } as const;
    const bff = testBff([user], { users: () => ({ body: { id: 'x' } }), recs: () => ({ body: [] }) });
    const path = fc.oneof(
      fc.webPath(),
      fc.stringMatching(/^[\w-]{1,20}$/).map((id) => `/api/users/${id}`),
    );
    const method = fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND', 'BREW', 'get');
    await fc.assert(
      fc.asyncProperty(path, method, fc.stringMatching(/^[\w:.-]{1,20}$/), async (target, verb, caller) => {
        const headers = {
          ...asCaller(caller, 'users:read'),
          'user-agent': caller,
          host: 'bff.test', // another is no request of ours: `edge.test.ts`
        };
        await bff.app.request(target === '' ? '/' : target, { method: verb, headers });
      }),
      { numRuns: 150 },
    );
    const found = [...(await bff.metrics.text()).matchAll(/(\w+)="([^"]*)"/g)];
    for (const [label, values] of Object.entries(allowed)) {
      const seen = new Set(found.flatMap(([, name, value]) => (name === label ? [value] : [])));
      expect([...seen].filter((value) => !(values as readonly unknown[]).includes(value))).toEqual([]);
    }
    const labels = new Set(found.map(([, name]) => name));
    expect([...labels].filter((name) => !Object.hasOwn(allowed, name ?? '')).sort()).toEqual([
      'code',
      'kind',
      'le',
      'outcome',
      'state',
      'status',
    ]);
  });
});

describe('a breaker', () => {
  test('shows as 0 closed, 0.5 half-open, 1 open or isolated, asked at every scrape', async () => {
    let state: BreakerState = 'closed';
    const quiet = { running: 0, waiting: 0, limit: 64 };
    const metrics = countFacts('web', new EventBus(), {
      ...parts,
      upstreams: () => [
        {
          upstream: 'users',
          breakers: [{ operation: 'get', state }],
          targets: [],
          bulkhead: quiet,
          retryBudget: { spent: 0, allowed: 30 },
        },
      ],
    });
    const gauge = async (): Promise<number | undefined> =>
      seriesOf(await metrics.text()).get('bff_breaker_open{bff="web",operation="get",upstream="users"}');
    for (const [now, value] of [
      ['closed', 0],
      ['half-open', 0.5],
      ['open', 1],
      ['isolated', 1],
    ] as const) {
      state = now;
      expect(await gauge()).toBe(value);
    }
  });
});

test('two BFFs of one process count apart', async () => {
  const [one, other] = [new EventBus(), new EventBus()];
  const [first, second] = [countFacts('one', one, parts), countFacts('other', other, parts)];
  one.emit('limit', { limit: 'default', allowed: true });
  expect(await first.text()).toContain('decision="allowed",bff="one"} 1');
  expect(await second.text()).not.toContain('decision=');
});

test('what operators do counts by action, never by who or what', async () => {
  const events = new EventBus();
  const metrics = countFacts('web', events, parts);
  for (const target of ['a', 'b'])
    events.emit('audit', { actor: 'ada', action: 'key.revoke', target, atMs: 1 });
  const series = seriesOf(await metrics.text());
  expect(series.get('bff_audit_actions_total{action="key.revoke",bff="web"}')).toBe(2);
});

test('stopped, it counts nothing more', async () => {
  const events = new EventBus();
  const metrics = countFacts('web', events, parts);
  metrics.stop();
  events.emit('limit', { limit: 'default', allowed: true });
  expect(await metrics.text()).not.toContain('decision=');
});
