/**
 * HTML that is safe to send because of how it was made: a tagged template whose values are escaped,
 * and nothing else makes one. A string is text, always.
 *
 * @module
 */
import { escapeHtml } from './escape.ts';

/** Finished HTML. It is made by {@link html} and cannot come out of JSON. */
export class SafeHtml {
  readonly #text: string;

  /** @param text Finished HTML. For this room only: everyone else has {@link html}. */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What a template takes: text, numbers, finished HTML, lists of these; nothing for what is not there. */
export type HtmlValue = string | number | SafeHtml | false | null | undefined | readonly HtmlValue[];

const checked = new WeakSet<TemplateStringsArray>();

/**
 * Writes HTML; values are escaped for text and for attributes in quotes.
 *
 * @throws {TypeError} for a value in an attribute without quotes, or in a `<script>` or `<style>`.
 *
 * @example
 * String(html`<b title="${'"'}">${'1 < 2'}</b>`); // => '<b title="&quot;">1 &lt; 2</b>'
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  if (!checked.has(strings)) {
    requireSafePlaces(strings);
    checked.add(strings);
  }
  let text = strings[0] ?? '';
  for (let index = 0; index < values.length; index += 1) text += write(values[index]) + strings[index + 1];
  return new SafeHtml(text);
}

function write(value: HtmlValue): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof SafeHtml) return value.toString();
  return typeof value === 'object' ? value.map(write).join('') : escapeHtml(String(value));
}

/** Where escaping is not enough, a value is a mistake of whoever wrote the template. */
function requireSafePlaces(strings: TemplateStringsArray): void {
  let before = '';
  for (const part of strings.slice(0, -1)) {
    before += part;
    const tag = before.slice(before.lastIndexOf('<'));
    if (!tag.includes('>') && /=\s*$/.test(tag)) {
      throw new TypeError(`html: put quotes around the value after '${tag.slice(-40)}'`);
    }
    if (/<(?:script|style)\b[^>]*>(?:(?!<\/(?:script|style)).)*$/is.test(before)) {
      throw new TypeError('html: no value may stand inside of <script> or <style>');
    }
    before += '-';
  }
}
