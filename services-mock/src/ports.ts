/**
 * Which port everything listens on: the usual one, or what the environment says.
 *
 * @module
 */
import { DEFAULT_PORTS, LISTENER_NAMES, type ListenerName } from './directory.ts';
import { recordOf } from './record-of.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A port for everything that listens. */
export type Ports = Readonly<Record<ListenerName, number>>;

/** The variable that overrides a port: `ORDERS_PORT`. */
export function portVariable(name: ListenerName): string {
  return `${name.toUpperCase()}_PORT`;
}

/** Any ports that are free. */
export function freePorts(): Ports {
  return recordOf(LISTENER_NAMES, () => 0);
}

/**
 * The usual ports, as far as the environment does not override them; 0 takes any that is free.
 *
 * @throws {RangeError} for what is no port.
 */
export function portsFrom(environment: Environment): Ports {
  return recordOf(LISTENER_NAMES, (name) => {
    const text = environment[portVariable(name)];
    return text === undefined || text === '' ? DEFAULT_PORTS[name] : parsePort(portVariable(name), text);
  });
}

function parsePort(variable: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RangeError(`${variable} must be a port from 0 to 65535, got "${text}"`);
}
