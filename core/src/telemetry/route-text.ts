/**
 * What is the same in all lines of a route, as JSON text: its method and template, and the names of its calls.
 *
 * @module
 */
import type { CallFact } from '../context/events.ts';
import { quote } from './json-text.ts';

/** How a call begins. */
export interface CallHead {
  readonly upstream: string;
  readonly operation: string;
  /** Up to the outcome. */
  readonly head: string;
  /** With the outcome `ok`, up to the moment of its start. */
  readonly ok: string;
}

/** More than any BFF has of them; they are declared, so the bounds hold back mistakes only. */
const maxRoutes = 10_000;
const maxMethods = 50;
const maxNodes = 500;

/** Makes the function that finds the text of a route by its template. */
export function routeTexts(): (template: string) => RouteText {
  const routes = new Map<string, RouteText>();
  return function textOf(template) {
    const known = routes.get(template);
    if (known !== undefined) return known;
    const made = new RouteText(template);
    if (routes.size < maxRoutes) routes.set(template, made);
    return made;
  };
}

export class RouteText {
  readonly #route: string;
  readonly #methods = new Map<string, string>();
  readonly #calls = new Map<string, CallHead>();

  constructor(template: string) {
    this.#route = `,"route":${quote(template)},"status":`;
  }

  /** Method and route, up to the status. */
  with(method: string): string {
    const known = this.#methods.get(method);
    if (known !== undefined) return known;
    const made = `,"method":${quote(method)}${this.#route}`;
    if (this.#methods.size < maxMethods) this.#methods.set(method, made);
    return made;
  }

  call({ node, upstream, operation }: CallFact): CallHead {
    const known = this.#calls.get(node);
    if (known?.upstream === upstream && known.operation === operation) return known;
    const head = `{"node":${quote(node)},"call":${quote(`${upstream}.${operation}`)},"outcome":"`;
    const made = { upstream, operation, head, ok: `${head}ok","startMs":` };
    if (known === undefined && this.#calls.size < maxNodes) this.#calls.set(node, made);
    return made;
  }
}
