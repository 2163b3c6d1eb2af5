/**
 * Traces to an OTLP receiver (a collector, Jaeger, Tempo, most vendors). Spans are made after the fact from what the
 * gateway tells of a request anyway: while a request runs, tracing does nothing.
 *
 * @see {@link https://opentelemetry.io/docs/specs/otlp/#otlphttp OTLP/HTTP}, binary protobuf
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';
import { systemClock } from '../context/clock.ts';
import type { RequestFact } from '../context/events.ts';
import { requireInteger, requireKnown, requireRange } from '../context/options.ts';
import type { TracedBff, Tracing } from '../context/tracing.ts';
import { isInShare } from '../telemetry/trace-share.ts';
import { loadSdk, type Sdk } from './load-sdk.ts';
import { Outlet } from './outlet.ts';
import { SpanWriter } from './span-writer.ts';

export interface OtlpTracingOptions {
  /** Where spans are sent, path included. Default `http://localhost:4318/v1/traces`. */
  readonly url?: string;
  /** Sent with them, such as the key of a vendor. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Share of the traces that begin here which are wanted, 0 to 1. Default 0.1. */
  readonly share?: number;
  /** Keeps our own spans of answers 500 and above that were not sampled, at most 10 a second. Default: unless `share` is 0. */
  readonly keepErrors?: boolean;
  /** Default: the name of the BFF. */
  readonly serviceName?: string;
  /** More about where the spans come from, such as `deployment.environment.name`. */
  readonly resource?: Readonly<Record<string, string>>;
  /** Milliseconds for one batch, repetitions included, 1 to 60 000. Default 10 000. */
  readonly timeoutMs?: number;
}

// biome-ignore format: one list
const knownOptions = ['url', 'headers', 'share', 'keepErrors', 'serviceName', 'resource', 'timeoutMs'];

const defaultUrl = 'http://localhost:4318/v1/traces';
const closeMs = 3_000;
const maxErrorsPerSecond = 10;

/**
 * Loads the OpenTelemetry SDK and gives the option `tracing` of one BFF, which closes it.
 *
 * @throws {RangeError} for an unknown option, a value out of range, or packages that are not installed (with the
 * line that installs them).
 */
export async function otlpTracing(options: OtlpTracingOptions = {}): Promise<Tracing> {
  const { share = 0.1, keepErrors = share > 0, url = defaultUrl, timeoutMs = 10_000 } = options;
  requireKnown('otlpTracing', options, knownOptions);
  requireRange('otlpTracing', 'share', share, 0, 1);
  requireInteger('otlpTracing', 'timeoutMs', timeoutMs, 1, 60_000);
  requireUrl(url);
  const sdk = await loadSdk();
  let watching: Watching | undefined;
  let closing: Promise<void> | undefined;
  return {
    isSampled: (traceId) => isInShare(traceId, share),
    watch(bff) {
      if (watching !== undefined) throw new RangeError('otlpTracing: one tracing is for one BFF');
      watching = watchBff(sdk, bff, { ...options, url, timeoutMs, keepErrors });
    },
    close() {
      closing ??= watching?.stop() ?? Promise.resolve();
      return closing;
    },
  };
}

interface Watching {
  stop(): Promise<void>;
}

type WatchOptions = OtlpTracingOptions &
  Required<Pick<OtlpTracingOptions, 'url' | 'timeoutMs' | 'keepErrors'>>;

function watchBff(sdk: Sdk, { name, events, clock }: TracedBff, options: WatchOptions): Watching {
  const { url, headers = {}, timeoutMs, keepErrors, serviceName = name } = options;
  const onLoss = (error: Error): void => events.emit('problem', { part: 'traces', error });
  const outlet = new Outlet(sdk, { url, headers, timeoutMs, clock, onLoss });
  const resource = { ...options.resource, 'service.name': serviceName };
  const writer = new SpanWriter(sdk, { resource, processor: outlet.processor });
  const isKept = keepErrors ? keptErrors(clock) : () => false;
  const unsubscribe = events.on('request', (fact) => {
    if (!fact.trace.isSampled && !isKept(fact)) return;
    if (outlet.hasRoom()) outlet.took(writer.write(fact, clock.wallMs()));
  });
  return {
    async stop() {
      unsubscribe();
      await within(closeMs, outlet.processor.shutdown());
    },
  };
}

/**
 * Which answers are traced though nobody asked for it. A trusted caller's decision stands: without its spans ours
 * would hang in the air.
 */
function keptErrors(clock: Clock): (fact: RequestFact) => boolean {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let kept = 0;
  return function isKept({ status, trace }) {
    if (status < 500 || trace.parentSpanId !== undefined) return false;
    const nowMs = clock.monotonicMs();
    if (nowMs - sinceMs >= 1_000) {
      sinceMs = nowMs;
      kept = 0;
    }
    kept += 1;
    return kept <= maxErrorsPerSecond;
  };
}

/** A receiver that is away must not keep the process from leaving; the time is the machine's, as the SDK's is. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let cancel: CancelTimer = () => {};
  const over = new Promise<void>((resolve) => {
    cancel = systemClock.after(ms, resolve);
  });
  try {
    await Promise.race([work.catch(() => {}), over]); // what could not be sent was told
  } finally {
    cancel();
  }
}

function requireUrl(text: string): void {
  const url = URL.parse(text);
  const isHttp = url !== null && /^https?:$/.test(url.protocol);
  if (!isHttp) throw new RangeError('otlpTracing: url must be an http or https address');
  if (url.username !== '' || url.password !== '') {
    throw new RangeError('otlpTracing: url must not hold a password; put it into headers');
  }
}
