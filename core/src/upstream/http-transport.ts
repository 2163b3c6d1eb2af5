/**
 * HTTP/1.1 to the targets of one upstream, over kept-alive connections. Answers that are collected come through a
 * client of our own (`http1/`): a request costs it half of what it costs undici, which carries the streams.
 *
 * @module
 */
import { type Clock, systemClock } from '../context/clock.ts';
import { HttpStream } from './http-stream.ts';
import { Pools } from './http1/pools.ts';
import { sumSockets } from './socket-count.ts';
import { Streams } from './streams.ts';
import type { Transport } from './transport.ts';
import type { UpstreamTls } from './upstream-tls.ts';

export interface HttpTransportOptions {
  /** Connections per target. Default 64. */
  readonly connections?: number;
  /** Milliseconds to connect. Default 3 000. */
  readonly connectTimeoutMs?: number;
  /** Default: the authorities of the system, and no certificate of our own. */
  readonly tls?: UpstreamTls | undefined;
  /** Where time comes from. Default the clock of the machine. */
  readonly clock?: Clock;
  /** Hears of new files that cannot be used. Must not throw. */
  readonly onProblem?: (error: Error) => void;
}

/** Opens the connections of one upstream. */
export function httpTransport(options: HttpTransportOptions = {}): Transport {
  const {
    tls,
    clock = systemClock,
    onProblem = () => {},
    connections = 64,
    connectTimeoutMs = 3_000,
  } = options;
  const material = tls?.material ?? {};
  const pools = new Pools({ clock, connections, connectTimeoutMs, tls: material });
  const streams = new Streams({ connections, connectTimeoutMs }, material);
  const stopWatching = tls?.watch({
    clock,
    onProblem,
    onMaterial(fresh) {
      pools.renew(fresh);
      streams.renew(fresh);
    },
  });
  return {
    send: (request) => pools.send(request),
    stream(request) {
      const stream = new HttpStream();
      streams.agent.dispatch(stream.dispatchOptions(request), stream);
      return stream;
    },
    sockets: () => sumSockets([...pools.counts(), ...streams.counts()], connections),
    async close() {
      stopWatching?.();
      pools.close();
      await streams.close();
    },
  };
}
