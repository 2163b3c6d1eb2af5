/**
 * The metrics of several workers as one page. Counters and histograms are added; gauges, which say how one
 * process is, keep a line for each worker, with the label `worker`.
 *
 * A counter must never step back, or everything before counts twice in a rate: what a worker said last still
 * counts when it is gone or silent.
 *
 * @see {@link https://prometheus.io/docs/instrumenting/exposition_formats/ Prometheus, exposition formats}
 * @module
 */

/** One metric: what its lines say, by name and labels as written. */
interface Family {
  readonly comments: readonly string[];
  readonly isAdded: boolean;
  readonly samples: Map<string, number>;
}

type Page = ReadonlyMap<string, Family>;

export interface MetricsSum {
  /** Notes what the worker at `slot` says now. */
  scrape(slot: number, page: string): void;
  /** The worker at `slot` is gone; whoever replaces it begins at zero. */
  gone(slot: number): void;
  text(): string;
}

const addedTypes = new Set(['counter', 'histogram']);

export function sumMetrics(): MetricsSum {
  const last = new Map<number, Page>();
  let departed: Page = new Map();
  return {
    scrape: (slot, page) => void last.set(slot, parse(page)),
    gone(slot) {
      const page = last.get(slot);
      last.delete(slot);
      if (page !== undefined)
        departed = merge([
          [undefined, departed],
          [undefined, counted(page)],
        ]);
    },
    text() {
      const pages = [...last].sort(([a], [b]) => a - b);
      return print(merge([[undefined, departed], ...pages]));
    },
  };
}

/** The families of a page that are added. */
function counted(page: Page): Page {
  return new Map([...page].filter(([, { isAdded }]) => isAdded));
}

/** One page of many; those with a slot get it as a label where they are not added. */
function merge(pages: readonly (readonly [number | undefined, Page])[]): Page {
  const merged = new Map<string, Family>();
  for (const [slot, page] of pages) {
    for (const [name, { comments, isAdded, samples }] of page) {
      let family = merged.get(name);
      if (family === undefined) {
        family = { comments, isAdded, samples: new Map() };
        merged.set(name, family);
      }
      for (const [key, value] of samples) {
        if (isAdded) family.samples.set(key, (family.samples.get(key) ?? 0) + value);
        else family.samples.set(labelled(key, slot), value);
      }
    }
  }
  return merged;
}

function labelled(key: string, slot: number | undefined): string {
  if (slot === undefined) return key;
  return key.endsWith('}') ? `${key.slice(0, -1)},worker="${slot}"}` : `${key}{worker="${slot}"}`;
}

function parse(text: string): Page {
  const page = new Map<string, Family>();
  let family: Family = { comments: [], isAdded: false, samples: new Map() };
  let comments: string[] = [];
  for (const line of text.split('\n')) {
    const [, type, name = '', kind = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (type === 'HELP') comments = [line];
    else if (type === 'TYPE') {
      family = { comments: [...comments, line], isAdded: addedTypes.has(kind), samples: new Map() };
      page.set(name, family);
      comments = [];
    } else {
      const [, key, value] = /^([A-Za-z_:][\w:]*(?:\{.*\})?) (\S+)/.exec(line) ?? [];
      if (key !== undefined) family.samples.set(key, numberOf(value ?? ''));
    }
  }
  return page;
}

function print(page: Page): string {
  const families = [...page.values()].map(({ comments, samples }) => {
    const lines = [...samples].map(([key, value]) => `${key} ${textOf(value)}`);
    return `${[...comments, ...lines].join('\n')}\n`;
  });
  return families.join('\n');
}

function numberOf(text: string): number {
  return Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'));
}

function textOf(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : `${value > 0 ? '+' : '-'}Inf`;
}
