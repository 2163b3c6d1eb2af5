/**
 * The page of one operation: what it takes and gives on one side, requests and answers as code on the other.
 *
 * @module
 */
import { STATUS_CODES } from 'node:http';
import { problemCodes } from '../problem/codes.ts';
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { codeBlock, codeTabs } from './code-block.ts';
import { exampleOfMedia } from './example.ts';
import { fieldList } from './field-list.ts';
import { fieldOf, fieldsOf } from './fields.ts';
import { renderInline } from './markdown.ts';
import type { DocsPortalOptions } from './portal-options.ts';
import type { ShownOperation, ShownVersion } from './reference.ts';
import { exampleRequest, requestCode } from './request-code.ts';
import { breakable, type Portal, pageText } from './shell.ts';
import { tryIt } from './try-it.ts';
import { versionBanner } from './version-banner.ts';

type Response = ShownOperation['operation']['responses'][string];

const places = [
  ['path', 'Path parameters'],
  ['query', 'Query parameters'],
  ['header', 'Headers'],
] as const;

export function operationPage(
  portal: Portal,
  version: ShownVersion,
  shown: ShownOperation,
  options: DocsPortalOptions,
): string {
  const { links } = portal;
  const { id, method, path, operation } = shown;
  const address = links.operation(version.name, id);
  return pageText(portal, {
    title: `${method} ${path}`,
    description: operation.summary,
    address,
    version,
    others:
      portal.versions.length < 2
        ? []
        : portal.versions.map((other) => ({
            label: other.name,
            isCurrent: other === version,
            href: other.operations.some((each) => each.id === id)
              ? links.operation(other.name, id)
              : links.reference(other.name),
          })),
    isWide: true,
    body: html`${versionBanner(version, portal)}
<article class="operation">
<header><h1 class="endpoint"><span class="method m-${method.toLowerCase()}">${method}</span> <span class="path">${breakable(path)}</span></h1>
<p class="lead">${renderInline(operation.summary)}</p>
${facts(shown, version, options.tryIt !== undefined)}</header>
<div class="columns">
<div class="detail">
${places.map(([place, title]) => parameterSection(shown, version, place, title))}
${bodySection(shown, version)}
${answerSections(shown, version)}
${problemSection(shown, portal)}
${options.tryIt !== undefined && tryIt(options.tryIt, version, shown, links)}
</div>
<div class="examples"><div class="sticky">
${codeTabs('Request', requestCode(exampleRequest(version, shown)))}
${answerExample(shown, version)}
</div></div>
</div>
</article>`,
  });
}

function section(id: string, title: HtmlValue, content: HtmlValue): SafeHtml {
  return html`<section><h2 id="${id}">${title} <a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h2>${content}</section>`;
}

/** What is not seen in a schema. */
function facts({ operation }: ShownOperation, { document }: ShownVersion, canTry: boolean): SafeHtml {
  const scopes = [...new Set(operation.security.flatMap((way) => Object.values(way).flat()))];
  const isOpen = operation.security.some((way) => Object.keys(way).length === 0);
  const key = operation.parameters?.find(({ name }) => name === 'Idempotency-Key');
  const ways = Object.keys(document.components.securitySchemes).length;
  const { 'x-cost': cost, 'x-deadline-ms': deadlineMs } = operation;
  const rows: readonly (readonly [string, HtmlValue])[] = [
    [
      'Access',
      isOpen || ways === 0
        ? 'Anyone'
        : scopes.length === 0
          ? 'Any key'
          : scopes.map((scope, index) => [index > 0 && ' ', html`<code>${scope}</code>`]),
    ],
    ['Cost', cost === 0 ? 'Not limited' : `${cost} ${cost === 1 ? 'request' : 'requests'} of your limits`],
    ['Answers within', `${deadlineMs / 1_000} s`],
    ...(key === undefined ? [] : [['Idempotency', key.required ? 'Key required' : 'Takes a key'] as const]),
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}${canTry && html`<div class="facts-try"><dt class="unseen">Console</dt><dd><a href="#try-it">Try it</a></dd></div>`}</dl>`;
}

function parameterSection(
  { operation }: ShownOperation,
  { document }: ShownVersion,
  place: 'path' | 'query' | 'header',
  title: string,
): HtmlValue {
  const own = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  const fields = own.map(({ name, required, schema, description }) =>
    fieldOf(
      { name, required, schema: description === undefined ? schema : { ...schema, description } },
      document.components.schemas,
    ),
  );
  return section(`${place}-parameters`, title, fieldList(fields, place, 'required'));
}

function bodySection({ operation: { requestBody } }: ShownOperation, { document }: ShownVersion): HtmlValue {
  if (requestBody === undefined) return undefined;
  const schema = requestBody.content['application/json']?.schema;
  return section(
    'body',
    'Body',
    html`<p class="soft">${renderInline(requestBody.description)}</p>${schema !== undefined && fieldList(fieldsOf(schema, document.components.schemas), 'body', 'required')}`,
  );
}

function answerSections({ operation }: ShownOperation, { document }: ShownVersion): HtmlValue {
  return Object.entries(operation.responses)
    .filter(([status]) => /^[23]/.test(status))
    .map(([status, response]) => {
      const schema = jsonOf(response)?.schema;
      const fields = schema === undefined ? [] : fieldsOf(schema, document.components.schemas);
      return section(
        `answer-${status.toLowerCase()}`,
        html`Answer <span class="status s-2">${status}</span>`,
        html`${response.description !== STATUS_CODES[status] && html`<p class="soft">${renderInline(response.description)}</p>`}${fields.length > 0 && fieldList(fields, `answer-${status}`, 'optional')}${headerList(response, document)}`,
      );
    });
}

function headerList({ headers = {} }: Response, { components }: ShownVersion['document']): HtmlValue {
  const names = Object.keys(headers);
  if (names.length === 0) return undefined;
  return html`<details class="headers"><summary>${names.length} headers</summary><dl>${names.map(
    (name) =>
      html`<div><dt><code>${name}</code></dt><dd>${renderInline(components.headers[name]?.description ?? '')}</dd></div>`,
  )}</dl></details>`;
}

function problemSection({ operation }: ShownOperation, { links }: Portal): HtmlValue {
  const rows = Object.entries(operation.responses).flatMap(([status, response]) =>
    (response['x-codes'] ?? []).map(
      (code) =>
        html`<tr><td><span class="status s-${status.slice(0, 1)}">${status}</span></td><td><a href="${links.error(code)}"><code>${code}</code></a></td><td>${problemCodes[code].title}</td></tr>`,
    ),
  );
  if (rows.length === 0) return undefined;
  return section(
    'problems',
    'Problems',
    html`<p class="soft">Every error is <a href="${links.guide('errors')}">problem details</a> with one of these codes, or one that is added later.</p><details class="headers"><summary>${rows.length} codes</summary><div class="table" tabindex="0" role="region" aria-label="Problems"><table><thead><tr><th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>${rows}</tbody></table></div></details>`,
  );
}

function answerExample({ operation }: ShownOperation, { document }: ShownVersion): HtmlValue {
  const [status, response] =
    Object.entries(operation.responses).find(([status]) => status.startsWith('2')) ?? [];
  const media = response === undefined ? undefined : jsonOf(response);
  if (status === undefined || media === undefined) return undefined;
  const value = exampleOfMedia(media, document.components.schemas);
  return html`<section class="answer-example"><p class="tabs-title">Answer ${status}</p>${codeBlock(JSON.stringify(value, null, 2), 'json', `Answer ${status}`)}</section>`;
}

function jsonOf({ content = {} }: Response) {
  return content['application/json'];
}
