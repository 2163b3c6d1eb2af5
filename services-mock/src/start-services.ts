/**
 * Starts the whole company in this process: eight services, the control API and the identity issuer.
 *
 * @module
 */
import { createControlApp } from './control.ts';
import { DEFAULT_SEED, worldOf } from './data/world.ts';
import { fingerprintOf, LISTENER_NAMES, type ListenerName, SERVICE_NAMES, type ServiceName } from './directory.ts';
import { createFaultBoard, type FaultControl } from './fault-board.ts';
import { withFaults } from './fault-transport.ts';
import { parseAssignments } from './faults.ts';
import { createIssuerApp } from './issuer.ts';
import { createSigningKey, type SigningKey } from './issuer-keys.ts';
import { type Handler, type Listener, listen } from './listen.ts';
import type { Issuer } from './mint-token.ts';
import { type Environment, freePorts, portsFrom } from './ports.ts';
import { recordOf } from './record-of.ts';
import { createRequestLog, type SeenRequest, type ServiceStats } from './request-log.ts';
import { createServiceApp } from './rest/service-app.ts';
import { SERVICES } from './services/index.ts';

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
  /** The variables that override ports and tell production, those of the process unless told. */
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
  /** The latest requests that ended at a service, oldest first. */
  readonly requests: (service: ServiceName) => readonly SeenRequest[];
  /** Puts the world back as it was at the start and forgets the requests; faults stay. */
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
  const ports = options.ports === 'free' ? freePorts() : portsFrom(environment);
  const board = createFaultBoard(seed);
  board.setAll(parseAssignments(options.faults ?? []));
  const log = createRequestLog();
  const world = worldOf(seed);
  const openServices = () => recordOf(SERVICE_NAMES, (name) => createServiceApp(name, SERVICES[name](world)));

  let apps = openServices();
  const reset = (): void => {
    apps = openServices();
    log.reset();
  };
  ...
}
