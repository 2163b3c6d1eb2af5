/**
 * `bffkit/openapi`: the OpenAPI document of a BFF, written from its declarations, so that what it says about
 * access, input and answers is what the gateway does.
 *
 * Pages are left out: plain answers to `GET` with `antiForgery: false` that anyone may see, such as the files
 * of a frontend or `/bff/login`. Other plain answers are in, with a status and media type nobody declared.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html OpenAPI 3.1.1}
 * @module
 */
import type { Bff } from '../bff.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { DocumentedMethod, OpenApiDocument, OpenApiOperation } from './document.ts';
import { placesOf } from './names.ts';
import { operationOf, placeEndpoint, schemaUses } from './operation.ts';
import { headerComponents, limitHeaderNames, problemSchema } from './responses.ts';
import { describeSchemas } from './schemas.ts';
import { describeSecurity } from './security.ts';

export type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiResponse,
  SecurityRequirement,
  SecurityScheme,
} from './document.ts';

/**
 * Writes the document. The same declarations give the same text, byte for byte.
 *
 * @throws {RangeError} when two schemas have one id, or one has an id that cannot stand in a document.
 */
export function openApiOf({
  name,
  owner,
  graph,
  declared,
}: Pick<Bff, 'name' | 'owner' | 'graph' | 'declared'>): OpenApiDocument {
  const shown = declared.endpoints.filter(({ endpoint }) => !isPage(endpoint));
  const places = placesOf(shown.map(({ endpoint }) => endpoint));
  const placed = shown.flatMap((each, index) => {
    const place = places[index];
    return place === undefined ? [] : [placeEndpoint(each, place)];
  });
  const schemas = describeSchemas(placed.flatMap(schemaUses));
  const security = describeSecurity(declared.identity);
  const limitHeaders = limitHeaderNames(declared.limits);
  const parts = { identity: declared.identity, limitHeaders, schemas, security };
  const operations = placed.map((each) => ({ ...each, operation: operationOf(each, parts) }));
  const paths: Record<string, Partial<Record<DocumentedMethod, OpenApiOperation>>> = {};
  for (const { place, declared: own, operation } of operations.toSorted(byPath)) {
    paths[place.path] = { ...paths[place.path], [own.endpoint.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.1',
    info: { title: name, version: '0', summary: `The API of the BFF '${name}'.`, 'x-owner': owner },
    ...(graph.publicOrigin === undefined ? {} : { servers: [{ url: graph.publicOrigin }] }),
    paths,
    components: {
      schemas: { ...schemas.components, Problem: problemSchema },
      headers: headerComponents(operations.flatMap(({ operation }) => Object.values(operation.responses))),
      securitySchemes: security.schemes,
    },
  };
}

/** What a browser navigates to or loads, for everybody: no part of an API. */
function isPage({ method, behaviour, options }: Endpoint): boolean {
  const isNavigation = method === 'GET' && options.antiForgery === false;
  const isShown = behaviour.kind === 'plain' || (behaviour.kind === 'plan' && behaviour.page !== undefined);
  return isShown && isNavigation && options.access.kind === 'anyone';
}

interface Sortable {
  readonly place: { readonly path: string };
}

function byPath({ place: one }: Sortable, { place: other }: Sortable): number {
  return one.path < other.path ? -1 : Number(one.path > other.path);
}
