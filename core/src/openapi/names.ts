/**
 * What things are called in the document, made from method and path alone: the same endpoint has the same
 * names in every version of the document.
 *
 * @module
 */

/** Where an endpoint is in the document. */
export interface Place {
  /** Such as `getOrdersById`. */
  readonly operationId: string;
  /** Such as `/orders/{id}`. */
  readonly path: string;
  /** How the document calls each parameter of the endpoint's own path. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Route {
  readonly method: string;
  readonly path: string;
}

const parameter = /:([A-Za-z][A-Za-z0-9]*)/g;

/**
 * Names every route, in their order. Of two that would have one name, the later path by the alphabet gets a
 * number. Of two paths that differ in the names of their parameters only, the document takes the first for
 * both: to OpenAPI they are one path.
 *
 * @example
 * placesOf([{ method: 'GET', path: '/orders/:id' }])[0]?.operationId; // => 'getOrdersById'
 */
export function placesOf(routes: readonly Route[]): Place[] {
  const templates = new Map<string, string>();
  for (const { path } of routes) {
    const shape = path.replaceAll(parameter, ':');
    if (!templates.has(shape)) templates.set(shape, path);
  }
  const placed = routes.map(({ method, path }) => {
    const template = templates.get(path.replaceAll(parameter, ':')) ?? path;
    return { id: operationIdOf(method, template), template, path, method };
  });
  return placed.map(({ id, template, path, method }) => {
    const namesakes = placed.filter((other) => other.id === id).sort(byRoute);
    const position = namesakes.findIndex((other) => other.template === template && other.method === method);
    const names = parametersOf(template);
    return {
      operationId: position === 0 ? id : `${id}${position + 1}`,
      path: template.replaceAll(parameter, '{$1}').replace(/\*$/, '{rest}'),
      parameters: Object.fromEntries(parametersOf(path).map((own, index) => [own, names[index] ?? own])),
    };
  });
}

/** `unitPrice` and `unit-price` as `UnitPrice`. */
export function pascal(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');
}

function operationIdOf(method: string, path: string): string {
  const words = path.split('/').map((segment) => (segment.startsWith(':') ? 'By' : '') + pascal(segment));
  return method.toLowerCase() + (words.join('') || 'Root');
}

function parametersOf(path: string): string[] {
  return [...path.matchAll(parameter)].map(([, name = '']) => name);
}

function byRoute(one: { readonly template: string }, other: { readonly template: string }): number {
  return one.template < other.template ? -1 : Number(one.template > other.template);
}
