/**
 * Fields as HTML: one entry each, what is inside of it folded below.
 *
 * @module
 */
import { type HtmlValue, html, type SafeHtml } from '../ssr/html.ts';
import type { Field } from './fields.ts';
import { renderInline } from './markdown.ts';
import { slugOf } from './slug.ts';

/** @param place Begins the names of the fields' places in the page, such as `body`. */
export function fieldList(fields: readonly Field[], place: string, marks: 'required' | 'optional'): SafeHtml {
  return html`<ul class="fields">${fields.map((field) => entry(field, `${place}-${slugOf(field.name)}`, marks))}</ul>`;
}

/** In requests it matters what must be there, in answers what may be missing. */
function entry(field: Field, id: string, marks: 'required' | 'optional'): SafeHtml {
  const { name, type, required, description, notes, values, isOpen, fields, variants } = field;
  const mark = marks === 'required' ? required : !required;
  return html`<li id="${id}"><p class="field-head"><code>${name}</code> <span class="type">${type}</span>${mark && html` <span class="mark">${marks === 'required' ? 'required' : 'may be absent'}</span>`}</p>${
    description !== undefined && html`<p>${renderInline(description)}</p>`
  }${notes.length > 0 && html`<p class="notes">${notes.map((note, index) => [index > 0 && ' · ', noteText(note)])}</p>`}${valueList(values, isOpen)}${
    fields.length > 0 &&
    folded(
      `${fields.length} ${fields.length === 1 ? 'field' : 'fields'} of ${name}`,
      fieldList(fields, id, marks),
      marks === 'required',
    )
  }${variants.map((variant, index) => folded(variant.name, fieldList(variant.fields, `${id}-${index + 1}`, marks), true))}</li>`;
}

/** Bounds in words, patterns as code. */
function noteText(note: string): HtmlValue {
  const [, words, code] = /^(matches|default|each matches) (.*)$/.exec(note) ?? [];
  return code === undefined ? note : html`${words} <code>${code}</code>`;
}

function valueList(values: readonly string[], isOpen: boolean): HtmlValue {
  if (values.length === 0) return undefined;
  const intro = isOpen ? 'Known values:' : values.length === 1 ? 'Always' : 'One of';
  return html`<p class="values">${intro} ${values.map((value, index) => [index > 0 && ' ', html`<code>${value}</code>`])}</p>`;
}

/** What is in a field: shown where it must be written, a click away where it is read. */
function folded(summary: string, content: SafeHtml, isOpen: boolean): SafeHtml {
  return html`<details class="inner"${isOpen && html` open`}><summary>${summary}</summary>${content}</details>`;
}
