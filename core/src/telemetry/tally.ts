/**
 * Metrics without a cost between scrapes: counters and histograms that are plain numbers, found by their labels,
 * and readings of what something else keeps. `prom-client` gets them at scrape time only. Labels come from declarations, so the number of cells is fixed at boot.
 *
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/ Prometheus, exposition formats}
 * @module
 */
import type { Metric, Registry } from 'prom-client';

/** Where metrics are registered. */
export type TallyPlace = readonly Registry[];

export interface TallyOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registers: TallyPlace;
}

/** One value of a metric at a scrape. */
interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The count for one choice of labels. */
export class CounterCell {
  value = 0;
}

/** The distribution for one choice of labels. */
export class HistogramCell {
  readonly #bounds: readonly number[];
  /** Observations up to each bound and above the one before; the last one is above all. */
  readonly counts: number[];
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let index = 0;
    while (index < bounds.length && value > (bounds[index] as number)) index += 1;
    (this.counts[index] as number) += 1;
    this.sum += value;
  }
}

/** The cell of these label values, in the order of the names. */
export type CellOf<Cell> = (...values: readonly string[]) => Cell;

/** A counter: add to `value` of its cells. */
export function counterTally(options: TallyOptions): CellOf<CounterCell> {
  const cells = new Cells(options.labelNames, () => new CounterCell());
  register(options, 'counter', () =>
    cells.list().map(([labels, { value }]) => ({ metricName: options.name, labels, value })),
  );
  return cells.of;
}

/** A histogram with these upper bounds. */
export function histogramTally(
  options: TallyOptions & { readonly bounds: readonly number[] },
): CellOf<HistogramCell> {
  const { name, bounds } = options;
  const cells = new Cells(options.labelNames, () => new HistogramCell(bounds));
  register(options, 'histogram', () =>
    cells.list().flatMap(([labels, cell]) => samplesOf(name, bounds, labels, cell)),
  );
  return cells.of;
}

function samplesOf(
  name: string,
  bounds: readonly number[],
  labels: Readonly<Record<string, string>>,
  { counts, sum }: HistogramCell,
): Sample[] {
  let total = 0;
  const buckets = [...bounds, '+Inf'].map((le, index) => {
    total += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}

type Branch<Cell> = Map<string, Branch<Cell> | Cell>;

/** Cells by label values: a map for each label, so that no key is built to find one. */
class Cells<Cell> {
  readonly #names: readonly string[];
  readonly #make: () => Cell;
  readonly #root: Branch<Cell> = new Map();
  readonly #made: (readonly [Readonly<Record<string, string>>, Cell])[] = [];

  constructor(names: readonly string[], make: () => Cell) {
    this.#names = names;
    this.#make = make;
  }

  readonly of = (...values: readonly string[]): Cell => {
    let branch = this.#root;
    const last = values.length - 1;
    for (let index = 0; index < last; index += 1) {
      const value = values[index] as string;
      let next = branch.get(value) as Branch<Cell> | undefined;
      if (next === undefined) {
        next = new Map();
        branch.set(value, next);
      }
      branch = next;
    }
    const leaf = values[last] as string;
    return (branch.get(leaf) as Cell | undefined) ?? this.#add(branch, leaf, values);
  };

  list(): readonly (readonly [Readonly<Record<string, string>>, Cell])[] {
    return this.#made;
  }

  #add(branch: Branch<Cell>, leaf: string, values: readonly string[]): Cell {
    const cell = this.#make();
    branch.set(leaf, cell);
    this.#made.push([labelled(this.#names, values), cell]);
    return cell;
  }
}

/** What a reading gives at a scrape: values of the labels, in the order of their names, and the figure. */
export type Reading = readonly [labels: readonly string[], value: number];

export interface ReadingOptions extends TallyOptions {
  readonly type: 'gauge' | 'counter';
}

/** A gauge, or a counter that something else keeps, which is read at every scrape and costs nothing between. */
export function readAtScrape(options: ReadingOptions, read: () => readonly Reading[]): void {
  const { name, labelNames } = options;
  register(options, options.type, () =>
    read().map(([labels, value]) => ({ metricName: name, labels: labelled(labelNames, labels), value })),
  );
}

function labelled(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** Hands the samples over as prom-client's own metrics do. */
function register({ name, help, registers }: TallyOptions, type: string, samples: () => Sample[]): void {
  const head = { name, help, type, aggregator: 'sum' };
  const metric = { ...head, get: async () => ({ ...head, values: samples() }) };
  for (const registry of registers) registry.registerMetric(metric as unknown as Metric);
}
