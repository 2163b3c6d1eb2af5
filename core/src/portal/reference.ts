/**
 * What the reference is made of: per version its document, and its operations in the order they are shown.
 *
 * @module
 */
import { documentOf, type OpenApiDocument, type OpenApiOperation } from '../openapi/index.ts';
import type { DescribedBff } from '../portal-part.ts';
import { type VersionDescription, versionsOf } from '../versions/open-versions.ts';

export interface ShownOperation {
  /** Its `operationId`, and the last part of its address. */
  readonly id: string;
  /** `GET`. */
  readonly method: string;
  /** `/v1/orders/{id}`. */
  readonly path: string;
  /** The resource it belongs to. */
  readonly group: string;
  readonly operation: OpenApiOperation;
}

/** One version of the API; an API without versions has one. */
export interface ShownVersion {
  /** In addresses: its day, or `latest`. */
  readonly name: string;
  /** The value of `API-Version`; absent for an API without versions. */
  readonly day: string | undefined;
  readonly isNewest: boolean;
  readonly description: VersionDescription | undefined;
  readonly document: OpenApiDocument;
  readonly operations: readonly ShownOperation[];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Reads every version of a BFF, newest first. */
export function readReference(bff: DescribedBff): readonly [ShownVersion, ...ShownVersion[]] {
  const [newest, ...others] = versionsOf(bff);
  const order = bff.declared.endpoints.map(({ endpoint }) => shapeOf(endpoint));
  if (newest === undefined) return [shown(documentOf(bff), undefined, order)];
  return [
    shown(documentOf(bff, newest.version), newest, order),
    ...others.map((each) => shown(documentOf(bff, each.version), each, order)),
  ];
}

/** @param order The endpoints in the order of their declaration: what belongs together stands together. */
function shown(
  document: OpenApiDocument,
  description: VersionDescription | undefined,
  order: readonly string[],
): ShownVersion {
  const operations = Object.entries(document.paths)
    .flatMap(([path, item]) =>
      methods.flatMap((method): ShownOperation[] => {
        const operation = item[method];
        if (operation === undefined) return [];
        const { operationId: id, tags } = operation;
        return [{ id, method: method.toUpperCase(), path, group: tags[0], operation }];
      }),
    )
    .sort((one, other) => order.indexOf(shapeOf(one)) - order.indexOf(shapeOf(other)));
  const groups = [...new Set(operations.map(({ group }) => group))];
  return {
    name: description?.version ?? 'latest',
    day: description?.version,
    isNewest: description?.isHead ?? true,
    description,
    document,
    operations: groups.flatMap((group) => operations.filter((each) => each.group === group)),
  };
}

/** The operation of an endpoint, which is declared as `GET /v1/orders/:id`. */
export function operationOfEndpoint(
  { operations }: ShownVersion,
  endpoint: string,
): ShownOperation | undefined {
  const [method = '', path = ''] = endpoint.split(' ');
  const shape = shapeOf({ method, path });
  return operations.find((each) => shapeOf(each) === shape);
}

/** The same for an endpoint and its operation, whatever their parameters are called. */
function shapeOf({ method, path }: { readonly method: string; readonly path: string }): string {
  return `${method} ${path.replaceAll(/:[A-Za-z]\w*|\{[^}]+\}|\*$/g, ':')}`;
}

/** `webhook-endpoints` as `Webhook endpoints`. */
export function groupTitle(group: string): string {
  const words = group.replaceAll(/[-_]+/g, ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
