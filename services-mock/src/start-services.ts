/**
 * Starts the whole company in this process: eight services, the control API and the identity provider.
 *
 * @module
 */
import { openCompany } from './company.ts';
import { createControlApp } from './control.ts';
import { DEFAULT_SEED } from './data/world.ts';
import {
  fingerprintOf,
  LISTENER_NAMES,
  type ListenerName,
  SERVICE_NAMES,
  type ServiceName,
} from './directory.ts';
import { createFaultBoard, type FaultControl } from './fault-board.ts';
import { withFaults } from './fault-transport.ts';
import { parseAssignments } from './faults.ts';
import { DEFAULT_WEB_ORIGIN } from './identity/clients.ts';
import { createIdentityHandler, createIssuer } from './issuer.ts';
import { type Listener, listen } from './listen.ts';
import type { Issuer } from './mint-token.ts';
import { createOrderEvents, type OrderEventsTarget } from './order-events.ts';
import { type Environment, freePorts, portsFrom } from './ports.ts';
import { recordOf } from './record-of.ts';
import { createRequestLog, type SeenRequest, type ServiceStats } from './request-log.ts';

/** How to start. */
export interface StartOptions {
  /** The address to listen on, `127.0.0.1` unless told. */
  readonly host?: string;
  /** `default` takes 4100 to 4110 or what the environment says; `free` takes any, for tests. */
  readonly ports?: 'default' | 'free';
  /** Faults from the start, each as `service=mode[:argument][@rate]`. */
  readonly faults?: readonly string[];
  /** The seed of the world and of the faults, 1815 unless told. */
  readonly seed?: number;
  /**
   * Where browsers reach the web BFF, such as `http://localhost:4001`: only there people are sent back after
   * they signed in. `WEB_PUBLIC_ORIGIN` unless told.
   */
  readonly webOrigins?: readonly string[];
  /** Where ports and `NODE_ENV` are read from, the variables of the process unless told. */
  readonly environment?: Environment;
}

/** The company, running. */
export interface Services {
  /** Where each service, the control API and the issuer listen. */
  readonly urls: Readonly<Record<ListenerName, string>>;
  readonly faults: FaultControl;
  readonly issuer: Issuer;
  /** How much each service was asked. */
  readonly stats: () => Readonly<Record<ServiceName, ServiceStats>>;
  /** The requests of a service that ended last, oldest first, 100 at most. */
  readonly requests: (service: ServiceName) => readonly SeenRequest[];
  /** Tells of changed orders there from now on. */
  readonly tellOrdersTo: (target: OrderEventsTarget) => void;
  /** Puts the world back as it was at the start and forgets the requests. Faults stay. */
  readonly reset: () => void;
  /** Ends everything at once, unfinished answers included. */
  readonly close: () => Promise<void>;
}

/**
 * Starts everything, or nothing.
 *
 * @throws {Error} with one line for the person at the keyboard: a wrong fault, a taken port, production.
 */
export async function startServices(options: StartOptions = {}): Promise<Services> {
  const { host = '127.0.0.1', seed = DEFAULT_SEED, environment = process.env } = options;
  refuseProduction(environment);
  const webOrigins = (options.webOrigins ?? [environment.WEB_PUBLIC_ORIGIN || DEFAULT_WEB_ORIGIN]).map(
    originOf,
  );
  const ports = options.ports === 'free' ? freePorts() : portsFrom(environment);
  const faults = createFaultBoard(seed);
  faults.setAll(parseAssignments(options.faults ?? []));
  const orderEvents = createOrderEvents();
  const company = openCompany(seed, orderEvents.listener);
  const log = createRequestLog();

  const listeners: Listener[] = [];
  const urls: Record<ListenerName, string> = { ...recordOf(LISTENER_NAMES, () => '') };

  async function start(name: ListenerName): Promise<Listener> {
    const listener = await listen({ name, host, port: ports[name] });
    listeners.push(listener);
    urls[name] = listener.url;
    return listener;
  }

  async function close(): Promise<void> {
    orderEvents.close();
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  function reset(): void {
    company.reset();
    log.reset();
  }

  try {
    for (const name of SERVICE_NAMES) {
      const { server, serve } = await start(name);
      const interference = { draw: () => faults.draw(name), fingerprint: fingerprintOf(name) };
      log.watch(name, server);
      serve(withFaults((request) => company.fetch(name, request), interference));
    }
    const { url, server: issuerServer } = await start('issuer');
    const issuer = createIssuer(url);
    issuerServer.on('request', createIdentityHandler(issuer, webOrigins));
    const { serve: serveControl } = await start('control');
    const controlApp = createControlApp({ urls, faults, log, reset });
    serveControl((request) => controlApp.fetch(request));
    return {
      urls,
      faults,
      issuer,
      stats: log.stats,
      requests: log.recent,
      tellOrdersTo: orderEvents.sendTo,
      reset,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An origin and nothing else: a path would make an address that the BFF never sends people back to. */
function originOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === text) return text;
  throw new RangeError(`webOrigins must be origins such as ${DEFAULT_WEB_ORIGIN}, got "${text}"`);
}

/** A fault switch or an issuer of free tokens must never run where real customers are. */
function refuseProduction({ NODE_ENV }: Environment): void {
  if (NODE_ENV !== 'production') return;
  throw new Error('the mocks and their identity issuer are for development: they refuse NODE_ENV=production');
}
