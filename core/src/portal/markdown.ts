/**
 * Guides are Markdown. HTML in them is shown as text, links are checked when the guide is read, and a line
 * `{{ name … }}` stands for something that is generated.
 *
 * @see {@link https://github.github.com/gfm/ GitHub Flavored Markdown}
 * @module
 */
import { Marked, type RendererObject, type Token, type Tokens } from 'marked';
import { escapeHtml } from '../ssr/escape.ts';
import { SafeHtml } from '../ssr/html.ts';
import { codeBlock } from './code-block.ts';
import { uniqueSlugs } from './slug.ts';

/** A heading within a page. */
export interface Heading {
  readonly id: string;
  readonly text: string;
  readonly depth: number;
}

/** What stands between two headings, as plain text for the search. */
export interface Section {
  /** Absent before the first heading. */
  readonly heading: Heading | undefined;
  readonly text: string;
}

export interface RenderedGuide {
  readonly html: SafeHtml;
  readonly headings: readonly Heading[];
  readonly sections: readonly Section[];
}

/** What a guide needs from around it. */
export interface GuideParts {
  /** The address a link leads to. @throws {RangeError} for one that leads nowhere. */
  readonly linkOf: (href: string) => string;
  /** What `{{ name … }}` stands for. @throws {RangeError} for a name that is not known. */
  readonly generated: (name: string, rest: string) => SafeHtml;
}

interface Generated {
  readonly type: 'generated';
  readonly raw: string;
  readonly name: string;
  readonly rest: string;
}

const generatedLine = /^\{\{ *([a-z-]+) *([^}\n]*?) *\}\} *(?:\n+|$)/;

/** The tokens of a guide. */
export function readMarkdown(text: string): Token[] {
  return reader({ linkOf: (href) => href, generated: () => new SafeHtml('') }).lexer(text);
}

/** What stands in a line; everything else is a block. */
const inline: ReadonlySet<string> = new Set([
  'text',
  'strong',
  'em',
  'codespan',
  'link',
  'escape',
  'del',
  'html',
]);

/** The text of tokens, without what marks it up. */
export function plainText(tokens: readonly Token[]): string {
  const texts = tokens.map((token) => textOf(token) + (inline.has(token.type) ? '' : ' '));
  return texts.join('').replaceAll(/\s+/g, ' ');
}

function textOf(token: Token): string {
  if (token.type === 'table') {
    const { header, rows } = token as Tokens.Table;
    return [header, ...rows].map((row) => row.map((cell) => plainText(cell.tokens)).join(' ')).join(' ');
  }
  if (token.type === 'list')
    return (token as Tokens.List).items.map((item) => plainText(item.tokens)).join(' ');
  if (token.type === 'code' || token.type === 'generated') return '';
  if ('tokens' in token && token.tokens !== undefined) return plainText(token.tokens);
  return 'text' in token ? String(token.text) : '';
}

/** Renders a guide, or a part of one. */
export function renderMarkdown(tokens: Token[], parts: GuideParts): RenderedGuide {
  const slug = uniqueSlugs();
  const headings: Heading[] = [];
  const sections: { heading: Heading | undefined; text: string }[] = [{ heading: undefined, text: '' }];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const { depth, tokens: inside = [] } = token as Tokens.Heading;
      const text = plainText(inside).trim();
      const heading = { id: slug(text), text, depth };
      headings.push(heading);
      sections.push({ heading, text: '' });
    } else {
      const section = sections.at(-1);
      if (section !== undefined) section.text += `${plainText([token])} `;
    }
  }
  const marked = reader(parts, headings.values());
  return { html: new SafeHtml(marked.parser(tokens)), headings, sections };
}

/** One line of Markdown without blocks, such as a summary. */
export function renderInline(text: string): SafeHtml {
  const marked = reader({ linkOf: (href) => href, generated: () => new SafeHtml('') });
  return new SafeHtml(marked.parseInline(text, { async: false }));
}

function reader({ linkOf, generated }: GuideParts, headings?: Iterator<Heading>): Marked {
  const renderer: RendererObject = {
    html: ({ text }) => escapeHtml(text),
    image: ({ text }) => escapeHtml(text),
    heading({ tokens, depth }) {
      const { id = '' } = headings?.next().value ?? {};
      const inside = this.parser.parseInline(tokens);
      return `<h${depth} id="${id}">${inside} <a class="anchor" href="#${id}" aria-label="Link to this section">#</a></h${depth}>\n`;
    },
    link({ href, tokens }) {
      const target = linkOf(href);
      const isOutside = /^https?:/.test(target);
      return `<a href="${escapeHtml(target)}"${isOutside ? ' rel="noreferrer"' : ''}>${this.parser.parseInline(tokens)}</a>`;
    },
    code: ({ text, lang = '' }) => `${codeBlock(text, lang)}\n`,
    table({ header, rows }) {
      const cells = (row: readonly Tokens.TableCell[], tag: string): string =>
        `<tr>${row.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join('')}</tr>`;
      const isHeaded = header.some(({ text }) => text !== '');
      return `<div class="table" tabindex="0" role="region" aria-label="Table"><table>${
        isHeaded ? `<thead>${cells(header, 'th')}</thead>` : ''
      }<tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table></div>\n`;
    },
  };
  return new Marked({
    renderer,
    extensions: [
      {
        name: 'generated',
        level: 'block',
        start: (source) => source.search(/^\{\{/m),
        tokenizer(source): Generated | undefined {
          const [raw, name = '', rest = ''] = generatedLine.exec(source) ?? [];
          return raw === undefined ? undefined : { type: 'generated', raw, name, rest };
        },
        renderer: ({ name, rest }) => `${generated(String(name), String(rest))}\n`,
      },
    ],
  });
}
