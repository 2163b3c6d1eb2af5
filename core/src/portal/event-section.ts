/**
 * The events of a version, as receivers of webhooks get them.
 *
 * @module
 */
import { type HtmlValue, html } from '../ssr/html.ts';
import { codeBlock } from './code-block.ts';
import { exampleOfMedia } from './example.ts';
import { fieldList } from './field-list.ts';
import { fieldsOf } from './fields.ts';
import { type Heading, renderInline } from './markdown.ts';
import type { ShownVersion } from './reference.ts';

/** The headings of {@link eventSection}; none where nothing is sent. */
export function eventHeadings({ document }: ShownVersion): Heading[] {
  return document.webhooks === undefined ? [] : [{ id: 'events', text: 'Events', depth: 2 }];
}

/** Every event: when it is sent, what is in it, one as it is sent. */
export function eventSection({ document: { webhooks, components } }: ShownVersion): HtmlValue {
  if (webhooks === undefined) return undefined;
  const events = Object.entries(webhooks).map(([type, { post }]) => {
    const media = post.requestBody.content['application/json'];
    const text = JSON.stringify(exampleOfMedia(media, components.schemas), null, 2);
    return html`<h3 id="event-${type}"><code>${type}</code> <a class="anchor" href="#event-${type}" aria-label="Link to this section">#</a></h3><p>${renderInline(post.summary)}</p>${fieldList(fieldsOf(media?.schema, components.schemas), `event-${type}`, 'optional')}${codeBlock(text, 'json', type)}`;
  });
  return html`<section><h2 id="events">Events <a class="anchor" href="#events" aria-label="Link to this section">#</a></h2><p class="soft">What is sent to webhook endpoints of this version, signed.</p>${events}</section>`;
}
