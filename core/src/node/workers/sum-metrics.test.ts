import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { sumMetrics } from './sum-metrics.ts';

const page = (requests: number, open: number): string =>
  [
    '# HELP req_total Requests.',
    '# TYPE req_total counter',
    `req_total{route="/a} 7",bff="web"} ${requests}`,
    '',
    '# HELP took_seconds Time.',
    '# TYPE took_seconds histogram',
    `took_seconds_bucket{le="+Inf",bff="web"} ${requests}`,
    `took_seconds_sum{bff="web"} ${requests / 4}`,
    `took_seconds_count{bff="web"} ${requests}`,
    '',
    '# HELP open Open.',
    '# TYPE open gauge',
    `open{bff="web"} ${open}`,
    '# HELP bare Bare.',
    '# TYPE bare gauge',
    `bare ${open}`,
  ].join('\n');

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && line[0] !== '#');

test('counters and histograms are added, gauges keep a line for each worker', () => {
  const sum = sumMetrics();
  sum.scrape(2, page(10, 3));
  sum.scrape(1, page(5, 4));
  expect(linesOf(sum.text())).toEqual([
    'req_total{route="/a} 7",bff="web"} 15',
    'took_seconds_bucket{le="+Inf",bff="web"} 15',
    'took_seconds_sum{bff="web"} 3.75',
    'took_seconds_count{bff="web"} 15',
    'open{bff="web",worker="1"} 4',
    'open{bff="web",worker="2"} 3',
    'bare{worker="1"} 4',
    'bare{worker="2"} 3',
  ]);
  expect(sum.text()).toContain('# HELP req_total Requests.\n# TYPE req_total counter\nreq_total{');
});

test('a counter never steps back: not when a worker is gone, not when its place is taken again', () => {
  const sum = sumMetrics();
  sum.scrape(1, page(5, 1));
  sum.scrape(2, page(7, 1));
  sum.gone(1);
  expect(linesOf(sum.text())[0]).toBe('req_total{route="/a} 7",bff="web"} 12');
  expect(sum.text()).not.toContain('worker="1"');
  sum.scrape(1, page(1, 1));
  expect(linesOf(sum.text())[0]).toBe('req_total{route="/a} 7",bff="web"} 13');
  sum.gone(1);
  sum.gone(1);
  expect(linesOf(sum.text())[0]).toBe('req_total{route="/a} 7",bff="web"} 13');
});

test('values that are no numbers come through', () => {
  const sum = sumMetrics();
  sum.scrape(1, '# TYPE x gauge\nx{a="1"} NaN\nx{a="2"} +Inf\nx{a="3"} -Inf\nx{a="4"} 1e-7\n');
  expect(linesOf(sum.text())).toEqual([
    'x{a="1",worker="1"} NaN',
    'x{a="2",worker="1"} +Inf',
    'x{a="3",worker="1"} -Inf',
    'x{a="4",worker="1"} 1e-7',
  ]);
});

test('the page of a real registry is itself when one worker says it, but for the gauges', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ bff: 'web' });
  const registers = [registry];
  const limits = new Counter({ name: 'limits_total', help: 'Decisions.', labelNames: ['by'], registers });
  new Histogram({ name: 'took_seconds', help: 'Time.', registers }).observe(0.3);
  new Gauge({ name: 'up', help: 'Up.', registers }).set(1);
  limits.inc({ by: 'a "quoted"\nname}' }, 2);
  const text = await registry.metrics();
  const sum = sumMetrics();
  sum.scrape(1, text);
  expect(sum.text().replaceAll(',worker="1"', '').trim()).toBe(text.trim());
  sum.scrape(2, text);
  expect(sum.text()).toContain('limits_total{by="a \\"quoted\\"\\nname}",bff="web"} 4');
});
