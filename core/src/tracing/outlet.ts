/**
 * Where spans leave the process: batches of bounded size from a queue of bounded length to an OTLP receiver. While the
 * receiver is away nothing waits for it and nothing is thrown; the start of an outage is told once.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otlp/ OTLP}
 * @module
 */
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock } from '../context/clock.ts';
import type { Sdk } from './load-sdk.ts';

export interface OutletOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Hears that spans are being lost: once per outage, and at most once a minute. */
  readonly onLoss: (error: Error) => void;
}

type Export = SpanExporter['export'];

/** A batch becomes bytes in one go, about a millisecond. */
const batchSpans = 256;
const delayMs = 2_000;
/** Of spans waiting and under way; about 8 MB. */
const maxWaiting = 4_096;
const quietMs = 60_000;
/** `ExportResultCode.SUCCESS` of a package that is not ours to import. */
const exportSucceeded = 0;

export class Outlet {
  readonly processor: SpanProcessor;
  readonly #url: URL;
  readonly #clock: Clock;
  readonly #onLoss: (error: Error) => void;
  #waiting = 0;
  #isLosing = false;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor({ trace, exporter }: Sdk, { url, headers, timeoutMs, clock, onLoss }: OutletOptions) {
    this.#url = new URL(url);
    this.#clock = clock;
    this.#onLoss = onLoss;
    const otlp = new exporter.OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
    this.processor = new trace.BatchSpanProcessor({
      exporter: {
        export: (spans, done) => this.#export(spans, done, otlp.export.bind(otlp)),
        forceFlush: () => otlp.forceFlush(),
        shutdown: () => otlp.shutdown(),
      },
      maxExportBatchSize: batchSpans,
      maxQueueSize: maxWaiting * 2, // never reached: `hasRoom` is asked for whole requests, before
      scheduledDelayMillis: delayMs,
      exportTimeoutMillis: timeoutMs + 5_000,
    });
  }

  /** Whether the spans of one more request may be made. */
  hasRoom(): boolean {
    if (this.#waiting < maxWaiting) return true;
    this.#lose(new Error(`${maxWaiting} spans wait for ${this.#url.origin}; more are dropped`));
    return false;
  }

  /** So many spans were given to the processor. */
  took(spans: number): void {
    this.#waiting += spans;
  }

  #export(spans: ReadableSpan[], done: Parameters<Export>[1], send: Export): void {
    send(spans, (result) => {
      this.#waiting -= spans.length;
      if (result.code === exportSucceeded) this.#isLosing = false;
      else this.#lose(new Error(`${this.#url.origin} does not take spans: ${reasonOf(result.error)}`));
      done(result);
    });
  }

  #lose(error: Error): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isLosing || nowMs - this.#toldMs < quietMs) return;
    this.#isLosing = true;
    this.#toldMs = nowMs;
    this.#onLoss(error);
  }
}

/** Its status or code, else what the exporter says; never what the receiver wrote, nor what was sent to it. */
function reasonOf(error: Error | undefined): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return `status ${code}`;
  return typeof code === 'string' ? code : (error?.message ?? 'no reason given');
}
