import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import { countFacts } from './metrics.ts';
import { watchProcess } from './process-metrics.ts';

/** The series of a scrape. */
async function scrape(registry: { metrics(): Promise<string> }): Promise<ReadonlyMap<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

test('a served process shows its event loop, its memory, its connections and what it is', async () => {
  const registry = new Registry();
  const stop = watchProcess([registry], { connections: () => 7 });
  const series = await scrape(registry);
  stop();
  const figure = (name: string): number => series.get(name) ?? Number.NaN;
  expect(figure('bff_open_connections')).toBe(7);
  const used = figure('bff_process_heap_used_bytes');
  expect(used).toBeGreaterThan(1e6);
  expect(figure('bff_process_resident_memory_bytes')).toBeGreaterThan(used);
  expect(figure('bff_process_heap_limit_bytes')).toBeGreaterThan(used);
  expect(figure('bff_event_loop_active_seconds_total')).toBeGreaterThan(0);
  expect(figure('bff_event_loop_delay_seconds{quantile="0.5"}')).toBeGreaterThanOrEqual(0);
  expect(figure('bff_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  expect(figure('bff_process_cpu_seconds_total{mode="user"}')).toBeGreaterThan(0);
  expect(figure('bff_process_gc_seconds_total{kind="major"}')).toBeGreaterThanOrEqual(0);
  expect([...series.keys()].filter((name) => name.startsWith('bff_build_info'))).toEqual([
    expect.stringMatching(/^bff_build_info\{version="\d+\.\d+\.\d+[^"]*",node="v\d+\.\d+\.\d+"\}$/),
  ]);
});

test('of a BFF that is not served the process is nobody’s business, and it is watched once only', async () => {
  const metrics = countFacts('web', new EventBus(), { upstreams: () => [], liveRequests: () => 3, slos: [] });
  expect(await metrics.text()).not.toContain('bff_process');
  metrics.watchProcess({ connections: () => 1 });
  metrics.watchProcess({ connections: () => 2 });
  const text = await metrics.text();
  metrics.stop();
  expect(text).toContain('bff_open_connections{bff="web"} 1');
  expect(text).toContain('bff_live_requests{bff="web"} 3');
});
