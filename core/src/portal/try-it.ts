/**
 * The console of an operation: a form with an example in it. The script of the page sends it; without a script, and
 * where the portal says so, a sentence stands in its place.
 *
 * @module
 */
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import { exampleOf, exampleOfMedia } from './example.ts';
import { fieldOf } from './fields.ts';
import type { Links } from './links.ts';
import type { TryItOptions } from './portal-options.ts';
import type { ShownOperation, ShownVersion } from './reference.ts';

export function tryIt(
  options: TryItOptions,
  version: ShownVersion,
  shown: ShownOperation,
  links: Links,
): SafeHtml {
  const heading = html`<h2 id="try-it">Try it <a class="anchor" href="#try-it" aria-label="Link to this section">#</a></h2>`;
  if ('notice' in options) return html`${heading}<p class="callout">${options.notice}</p>`;
  const { operation, method, path } = shown;
  const { schemas } = version.document.components;
  const { parameters = [], requestBody } = operation;
  const body = exampleOfMedia(requestBody?.content['application/json'], schemas);
  const isKeyed = parameters.some(({ name }) => name === 'Idempotency-Key');
  const needsKey = operation.security.every((way) => Object.keys(way).length > 0);
  return html`${heading}
<noscript><p class="callout">The console needs JavaScript. Every request on this page also runs with curl.</p></noscript>
<form class="try-it" data-try-it data-method="${method}" data-path="${path}" data-key-prefix="${options.keyPrefix}" data-errors="${links.error('')}" data-needs-key="${needsKey ? 'yes' : 'no'}" autocomplete="off" novalidate>
<p class="try-note">Sends a real request to this environment, which takes test keys only.</p>
<div class="row"><label for="try-key">Test key</label><input id="try-key" type="password" name="key" placeholder="${options.keyPrefix}…" autocomplete="off" spellcheck="false" aria-describedby="try-key-note"></div>
<div class="row check"><label><input type="checkbox" name="remember"> Remember it until this tab is closed</label></div>
<p class="hint" id="try-key-note">Stays in this page. It is sent in the <code>Authorization</code> header and never in an address.</p>
${parameters.map((parameter, index) => {
  const { name, required, schema, example, in: place } = parameter;
  const field = fieldOf({ name, schema, required }, schemas);
  const value = example ?? (required ? exampleOf(schema, schemas, name) : '');
  const id = `try-${index}`;
  return html`<div class="row"><label for="${id}">${name}${required && html` <span class="mark">required</span>`}</label>${
    field.values.length > 1 && !field.isOpen
      ? select(id, parameter, field.values)
      : html`<input id="${id}" data-in="${place}" data-name="${name}" data-required="${required ? 'yes' : 'no'}"${name === 'Idempotency-Key' && html` data-fresh`} value="${name === 'Idempotency-Key' ? '' : String(value)}" placeholder="${field.type}" spellcheck="false">`
  }</div>`;
})}
${body !== undefined && html`<div class="row"><label for="try-body">Body</label><textarea id="try-body" name="body" rows="${Math.min(18, JSON.stringify(body, null, 2).split('\n').length + 1)}" spellcheck="false">${JSON.stringify(body, null, 2)}</textarea></div>`}
<div class="actions"><button type="submit" class="send">Send</button>${isKeyed && html`<button type="button" data-again hidden>Send again with the same key</button>`}<button type="button" data-cancel hidden>Cancel</button></div>
<p class="try-error" role="alert" hidden></p>
<section class="try-answer" aria-label="Answer" aria-live="polite" hidden></section>
<details class="try-curl"><summary>The same with curl</summary><div class="code"><pre tabindex="0" role="region" aria-label="curl"><code data-curl></code></pre></div></details>
</form>`;
}

type Parameter = NonNullable<ShownOperation['operation']['parameters']>[number];

function select(id: string, { name, in: place, required }: Parameter, values: readonly string[]): HtmlValue {
  return html`<select id="${id}" data-in="${place}" data-name="${name}" data-required="${required ? 'yes' : 'no'}">${!required && html`<option value=""></option>`}${values.map((value) => html`<option>${value}</option>`)}</select>`;
}
