/**
 * A document from declarations: of a BFF as it is, or of one dated version of it.
 *
 * Pages are left out: plain answers to `GET` with `antiForgery: false` that anyone may see, such as the files
 * of a frontend or `/bff/login`. Other plain answers are in, with a status and media type nobody declared.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html OpenAPI 3.1.1}
 * @module
 */
import { type ApiInfo, resourceOf } from '../api-info.ts';
import type { Bff } from '../bff.ts';
import type { Declared, DeclaredEndpoint } from '../declared.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { VersionDescription } from '../versions/open-versions.ts';
import { problemShape } from '../versions/problem-shape.ts';
import type { DocumentedMethod, OpenApiDocument, OpenApiOperation } from './document.ts';
import { headerComponents, limitHeaderNames, versionHeaderNames } from './headers.ts';
import { placesOf } from './names.ts';
import { operationOf, placeEndpoint, schemaUses } from './operation.ts';
import { problemExamples } from './problem-examples.ts';
import { versionProblemsOf } from './problems.ts';
import { describeSchemas, wholeSchema } from './schemas.ts';
import { describeSecurity } from './security.ts';
import { webhooksOf } from './webhooks.ts';

/** What documents of a BFF without versions say as theirs. */
const unversioned = '0';

/** As much of a BFF as its documents are written from. */
export type Described = Pick<Bff, 'name' | 'owner' | 'graph' | 'declared'>;

/**
 * Writes the document. The same declarations give the same text, byte for byte.
 *
 * @param version Of a BFF that has versions: the one to describe.
 * @throws {RangeError} when two schemas have one id, or one has an id that cannot stand in a document.
 */
export function writeDocument(bff: Described, version: VersionDescription | undefined): OpenApiDocument {
  const { graph, declared } = bff;
  const shown = endpointsOf(declared, version).filter(({ endpoint }) => !isPage(endpoint));
  const places = placesOf(shown.map(({ endpoint }) => endpoint));
  const placed = shown.flatMap((each, index) => {
    const place = places[index];
    return place === undefined ? [] : [placeEndpoint(each, place)];
  });
  const schemas = describeSchemas(placed.flatMap(schemaUses));
  const security = describeSecurity(declared.identity);
  const parts = {
    identity: declared.identity,
    alwaysHeaders: ['X-Request-Id', ...versionHeaderNames(version)],
    limitHeaders: limitHeaderNames(declared.limits),
    versionProblems: versionProblemsOf(version),
    version: version?.version,
    examples: declared.info?.examples?.[version?.version ?? unversioned] ?? {},
    schemas,
    security,
  };
  const operations = placed.map((each) => ({ ...each, operation: operationOf(each, parts) }));
  const responses = operations.flatMap(({ operation }) => Object.values(operation.responses));
  const paths: Record<string, Partial<Record<DocumentedMethod, OpenApiOperation>>> = {};
  for (const { place, declared: own, operation } of operations.toSorted(byPath)) {
    paths[place.path] = { ...paths[place.path], [own.endpoint.method.toLowerCase()]: operation };
  }
  return {
    openapi: '3.1.1',
    info: infoOf(bff, version),
    ...(graph.publicOrigin === undefined ? {} : { servers: [{ url: graph.publicOrigin }] }),
    tags: tagsOf(shown, declared.info),
    paths,
    ...webhooksOf(declared.webhooks ?? {}, { ...parts, asOf: versioned(declared, version) }),
    components: {
      schemas: { ...schemas.components, Problem: wholeSchema(version?.problem ?? problemShape) },
      headers: headerComponents(responses),
      examples: problemExamples(
        responses.flatMap((response) => response['x-codes'] ?? []),
        {
          version,
          versions: (declared.versions ?? []).map((one) => one.version),
          page: declared.problemDocs,
        },
      ),
      securitySchemes: security.schemes,
    },
  };
}

/** The endpoints as `version` has them, each with its plan. */
function endpointsOf({ endpoints }: Declared, version: VersionDescription | undefined): DeclaredEndpoint[] {
  return endpoints.map(({ endpoint, plan }, index) => ({
    endpoint: version?.endpoints[index] ?? endpoint,
    plan,
  }));
}

/** Finds an endpoint as `version` has it. */
function versioned(
  { endpoints }: Declared,
  version: VersionDescription | undefined,
): (endpoint: Endpoint) => Endpoint {
  return (wanted) => version?.endpoints[endpoints.findIndex(({ endpoint }) => endpoint === wanted)] ?? wanted;
}

function infoOf(
  { name, owner, declared }: Described,
  version: VersionDescription | undefined,
): OpenApiDocument['info'] {
  const { title = name, description, contact, license } = declared.info ?? {};
  return {
    title,
    version: version?.version ?? unversioned,
    summary: title === name ? `The API of the BFF '${name}'.` : title,
    ...(description === undefined ? {} : { description }),
    ...(contact === undefined ? {} : { contact }),
    ...(license === undefined ? {} : { license }),
    'x-bff': name,
    'x-owner': owner,
  };
}

function tagsOf(
  shown: readonly DeclaredEndpoint[],
  { resources = {} }: ApiInfo = {},
): OpenApiDocument['tags'] {
  const paths = Map.groupBy(shown, ({ endpoint }) => resourceOf(endpoint.path));
  return [...paths.keys()].sort().map((name) => ({
    name,
    description: resources[name] ?? `What has to do with ${name}.`,
  }));
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
