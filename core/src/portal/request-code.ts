/**
 * One request of an operation as code that runs as it stands: with curl, in TypeScript and in Python, where `API_KEY`
 * is in the environment. A test runs every one of them.
 *
 * @module
 */
import type { CodeVariant } from './code-block.ts';
import { exampleOf, exampleOfMedia } from './example.ts';
import type { ShownOperation, ShownVersion } from './reference.ts';

/** A request with values in it. */
export interface ExampleRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: unknown;
}

/** Header values that are new for every request. */
const freshHeaders: ReadonlySet<string> = new Set(['Idempotency-Key']);

/** An example of a request: what is required, and the version. */
export function exampleRequest(
  { document }: ShownVersion,
  { method, path, operation }: ShownOperation,
): ExampleRequest {
  const { schemas } = document.components;
  const { parameters = [], requestBody } = operation;
  const textOf = ({ name, schema, example }: (typeof parameters)[number]): string =>
    String(example ?? exampleOf(schema, schemas, name));
  const filled = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (text, parameter) => text.replace(`{${parameter.name}}`, encodeURIComponent(textOf(parameter))),
      path,
    );
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map((parameter) => `${parameter.name}=${encodeURIComponent(textOf(parameter))}`);
  const { securitySchemes } = document.components;
  const isNeeded = operation.security.every((way) => Object.keys(way).length > 0);
  const isBearer = operation.security
    .flatMap((way) => Object.keys(way))
    .some((name) => (securitySchemes[name] as { readonly scheme?: string } | undefined)?.scheme === 'bearer');
  const body = exampleOfMedia(requestBody?.content['application/json'], schemas);
  return {
    method,
    url: `${document.servers?.[0]?.url ?? ''}${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`,
    headers: [
      ...(isNeeded && isBearer ? [['Authorization', 'Bearer $API_KEY'] as const] : []),
      ...parameters
        .filter(
          (parameter) =>
            parameter.in === 'header' && (parameter.required || parameter.name === 'API-Version'),
        )
        .map(
          (parameter) =>
            [parameter.name, freshHeaders.has(parameter.name) ? '$UUID' : textOf(parameter)] as const,
        ),
      ...(body === undefined ? [] : [['Content-Type', 'application/json'] as const]),
    ],
    body,
  };
}

/** The request in every language. */
export function requestCode(request: ExampleRequest): CodeVariant[] {
  return [
    { label: 'curl', language: 'sh', code: curlCode(request) },
    { label: 'TypeScript', language: 'ts', code: typeScriptCode(request) },
    { label: 'Python', language: 'py', code: pythonCode(request) },
  ];
}

function curlCode({ method, url, headers, body }: ExampleRequest): string {
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${shellText(url)}`,
    ...headers.map(([name, value]) => `-H "${name}: ${value.replace('$UUID', '$(uuidgen)')}"`),
    ...(body === undefined ? [] : [`-d ${shellText(JSON.stringify(body, null, 2))}`]),
  ];
  return lines.join(' \\\n  ');
}

function shellText(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A word of the sample; nothing here calls it. */
const call = 'fetch';

function typeScriptCode({ method, url, headers, body }: ExampleRequest): string {
  const textOf = (value: string): string => {
    if (value === '$UUID') return 'crypto.randomUUID()';
    return value.includes('$API_KEY')
      ? `\`${value.replace('$API_KEY', `\${process.env.API_KEY}`)}\``
      : quoted(value);
  };
  const nameOf = (name: string): string => (/^\w+$/.test(name) ? name : quoted(name));
  return [
    `const response = await ${call}(${quoted(url)}, {`,
    ...(method === 'GET' ? [] : [`  method: ${quoted(method)},`]),
    ...(headers.length === 0
      ? []
      : [
          '  headers: {',
          ...headers.map(([name, value]) => `    ${nameOf(name)}: ${textOf(value)},`),
          '  },',
        ]),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indented(body, '  ')}),`]),
    '});',
    ...(body === undefined && method === 'DELETE'
      ? ['console.log(response.status, await response.text());']
      : ['console.log(response.status, await response.json());']),
  ].join('\n');
}

function pythonCode({ method, url, headers, body }: ExampleRequest): string {
  const textOf = (value: string): string => {
    if (value === '$UUID') return 'str(uuid.uuid4())';
    return value.includes('$API_KEY')
      ? `f"${value.replace('$API_KEY', "{os.environ['API_KEY']}")}"`
      : JSON.stringify(value);
  };
  const isFresh = headers.some(([, value]) => value === '$UUID');
  return [
    `import json, os, ${isFresh ? 'uuid, ' : ''}urllib.request`,
    '',
    'request = urllib.request.Request(',
    `    ${JSON.stringify(url)},`,
    ...(method === 'GET' ? [] : [`    method=${JSON.stringify(method)},`]),
    ...(headers.length === 0
      ? []
      : [
          '    headers={',
          ...headers.map(([name, value]) => `        ${JSON.stringify(name)}: ${textOf(value)},`),
          '    },',
        ]),
    ...(body === undefined ? [] : [`    data=json.dumps(${pythonValue(body, '    ')}).encode(),`]),
    ')',
    'with urllib.request.urlopen(request) as response:',
    '    print(response.status, response.read().decode())',
  ].join('\n');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
}

function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

/** JSON as Python writes it. */
function pythonValue(value: unknown, indent: string): string {
  const text = JSON.stringify(value, null, 4).replaceAll('\n', `\n${indent}`);
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, (found) =>
    found === 'null' ? 'None' : found === 'true' ? 'True' : found === 'false' ? 'False' : found,
  );
}
