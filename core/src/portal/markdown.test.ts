import { expect, test } from 'vitest';
import { html } from '../ssr/html.ts';
import { type GuideParts, plainText, readMarkdown, renderInline, renderMarkdown } from './markdown.ts';

const parts: GuideParts = {
  linkOf: (href) => (href.startsWith('https:') ? href : `/docs/${href}`),
  generated: (name, rest) => html`<b>${name}|${rest}</b>`,
};
const render = (text: string) => renderMarkdown(readMarkdown(text), parts);
const text = (markdown: string): string => String(render(markdown).html);

test.each([
  ['a block', '<script>alert(1)</script>'],
  ['in a line', 'see <img src=x onerror=alert(1)> there'],
  ['in a heading', '## <b onclick=x>Title</b>'],
  ['in a table', '| a |\n|---|\n| <i style=x>1</i> |'],
  ['in a link', '[<svg onload=x>](a)'],
])('HTML in a guide is shown as text: %s', (_where, markdown) => {
  expect(text(markdown)).not.toMatch(/<(?:script|img|b|i|svg)\b/);
  expect(text(markdown)).toContain('&lt;');
});

test('what is written in an address stays in it', () => {
  expect(text('[x](<a" onclick="b>)')).toContain('href="/docs/a&quot; onclick=&quot;b"');
  expect(String(renderInline('`a<b` **c**'))).toBe('<code>a&lt;b</code> <strong>c</strong>');
});

test('headings have a place each, and are told', () => {
  const { html: made, headings } = render('## What is `safe`?\n\n## What is safe\n\n### Ünïcode');
  expect(headings.map(({ id, depth }) => [id, depth])).toEqual([
    ['what-is-safe', 2],
    ['what-is-safe-2', 2],
    ['unicode', 3],
  ]);
  expect(String(made)).toContain('<h2 id="what-is-safe-2">');
});

test('a line in double braces is generated, with what follows its name; code is not', () => {
  expect(text('before\n\n{{ sample list-products Read a list }}\n\nafter')).toContain(
    '<b>sample|list-products Read a list</b>',
  );
  expect(text('```sh\n{{ sample x }}\n```')).not.toContain('<b>sample');
});

test('links are led by who shows the guide; what it refuses, refuses the guide', () => {
  expect(text('[x](errors.md#a)')).toContain('href="/docs/errors.md#a"');
  expect(text('[x](https://example.com)')).toContain('href="https://example.com" rel="noreferrer"');
  const refuse = (): never => {
    throw new RangeError('nowhere');
  };
  expect(() => renderMarkdown(readMarkdown('[x](y)'), { ...parts, linkOf: refuse })).toThrow('nowhere');
});

test('the search gets the words of each section, without marks and code', () => {
  const { sections } = render(
    'First **words**.\n\n## Two\n\n- one `a-b`\n- two\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```sh\ncurl\n```',
  );
  expect(
    sections.map(({ heading, text: words }) => [heading?.id, words.trim().replaceAll(/ +/g, ' ')]),
  ).toEqual([
    [undefined, 'First words.'],
    ['two', 'one a-b two x y 1 2'],
  ]);
  expect(plainText(readMarkdown('a *b*, c'))).toBe('a b, c ');
});
