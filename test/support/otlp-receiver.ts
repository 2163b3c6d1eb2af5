/**
 * A receiver of OTLP traces on a free port: what a collector would understand of what was sent to it.
 *
 * @see {@link https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto trace.proto}
 * @module
 */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Message } from './protobuf.ts';

type Attribute = string | number | boolean | readonly Attribute[];
type Attributes = Readonly<Record<string, Attribute>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  /** Epoch nanoseconds. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly failed: boolean;
  readonly resource: Attributes;
}

/** What the receiver does with a batch. */
export type OtlpMode = 'takes' | 'refuses' | 'hangs';

export interface OtlpReceiver {
  /** What the option `url` wants. */
  readonly url: string;
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` wants. */
  readonly origin: string;
  mode: OtlpMode;
  readonly spans: readonly ReceivedSpan[];
  /** The headers of every batch, refused ones too. */
  readonly batches: readonly IncomingHttpHeaders[];
  /** Resolves when the next batch has come. */
  nextBatch(): Promise<void>;
  /** Answers what hangs, and takes from now on. */
  release(): void;
  close(): Promise<void>;
}

const kinds: Readonly<Record<number, ReceivedSpan['kind']>> = { 1: 'internal', 2: 'server', 3: 'client' };

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const batches: IncomingHttpHeaders[] = [];
  let hanging: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    const isTraces = request.url === '/v1/traces' && request.method === 'POST';
    const isProtobuf = request.headers['content-type'] === 'application/x-protobuf';
    const take = (): void => {
      spans.push(...readSpans(body));
      answer(response, 200);
    };
    if (!isTraces) answer(response, 404);
    else if (!isProtobuf) answer(response, 415);
    else if (receiver.mode === 'refuses') answer(response, 400);
    else if (receiver.mode === 'hangs') hanging.push(take);
    else take();
    batches.push(request.headers);
    for (const tell of waiting) tell();
    waiting = [];
  };
  const server = createServer((request, response) => void hear(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: OtlpReceiver = {
    url: `${origin}/v1/traces`,
    origin,
    mode: 'takes',
    spans,
    batches,
    nextBatch: () => new Promise((resolve) => waiting.push(resolve)),
    release() {
      receiver.mode = 'takes';
      for (const take of hanging) take();
      hanging = [];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
  return receiver;
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
}

/** `ExportTraceServiceRequest`. */
function readSpans(body: Buffer): ReceivedSpan[] {
  return new Message(body).messages(1).flatMap((resourceSpans) => {
    const resource = attributesOf(resourceSpans.messages(1)[0], 1);
    return resourceSpans
      .messages(2)
      .flatMap((scopeSpans) => scopeSpans.messages(2).map((span) => readSpan(span, resource)));
  });
}

function readSpan(span: Message, resource: Attributes): ReceivedSpan {
  const [status] = span.messages(15);
  return {
    traceId: span.bytes(1).toString('hex'),
    spanId: span.bytes(2).toString('hex'),
    parentSpanId: span.bytes(4).toString('hex'),
    name: span.text(5),
    kind: kinds[Number(span.number(6))] ?? 'other',
    startNs: span.number(7),
    endNs: span.number(8),
    attributes: attributesOf(span, 9),
    events: span.messages(11).map((event) => ({ name: event.text(2), attributes: attributesOf(event, 3) })),
    failed: status?.number(3) === 2n,
    resource,
  };
}

/** The `KeyValue`s in one field. */
function attributesOf(message: Message | undefined, field: number): Attributes {
  const pairs = (message?.messages(field) ?? []).map(
    (pair) => [pair.text(1), readValue(pair.messages(2)[0])] as const,
  );
  return Object.fromEntries(pairs);
}

/** `AnyValue`. */
function readValue(value: Message | undefined): Attribute {
  if (value === undefined) return '';
  if (value.has(2)) return value.number(2) === 1n;
  if (value.has(3)) return Number(value.number(3));
  if (value.has(4)) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value.number(4));
    return bytes.readDoubleLE();
  }
  if (value.has(5)) return (value.messages(5)[0]?.messages(1) ?? []).map(readValue);
  return value.text(1);
}
