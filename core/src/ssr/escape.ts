/**
 * Text on its way into HTML: escaped for the two places where the gateway puts it, between tags and
 * into quoted attributes, and JSON for the inside of a `<script>` that is data.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements HTML},
 * contents of script elements
 * @module
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for the place between two tags and for attributes in quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}

/**
 * JSON that can end neither its script element nor, read as a script, its line. It is still JSON.
 *
 * @example
 * inlineJson({ name: '</script>' }); // => '{"name":"\\u003c/script\\u003e"}'
 */
export function inlineJson(value: unknown): string {
  const json = JSON.stringify(value) ?? 'null';
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
