/**
 * The services of one running shop over one world. What is written stays here; a reset forgets it.
 *
 * @module
 */
import type { Hono } from 'hono';
import { worldOf } from './data/world.ts';
import { SERVICE_NAMES, type ServiceName } from './directory.ts';
import { recordOf } from './record-of.ts';
import { createServiceApp } from './rest/service-app.ts';
import { SERVICES } from './services/index.ts';
import type { OrderListener } from './services/order-book.ts';

/** Eight services that share a world. */
export interface Company {
  readonly fetch: (service: ServiceName, request: Request) => Response | Promise<Response>;
  /** Puts the world back as it was at the start. */
  readonly reset: () => void;
}

/** Opens the services over the world of a seed. */
export function openCompany(seed: number, orders?: OrderListener): Company {
  const world = worldOf(seed);
  const open = (): Readonly<Record<ServiceName, Hono>> =>
    recordOf(SERVICE_NAMES, (name) => createServiceApp(name, SERVICES[name](world, orders)));

  let apps = open();
  return {
    fetch: (service, request) => apps[service].fetch(request),
    reset: () => {
      apps = open();
    },
  };
}
