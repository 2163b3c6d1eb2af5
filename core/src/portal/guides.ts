/**
 * The guides of a portal: every Markdown file of a folder, in the order of the numbers they begin with.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Token, Tokens } from 'marked';
import { plainText, readMarkdown } from './markdown.ts';

export interface Guide {
  /** The last part of its address; empty for the first page. */
  readonly name: string;
  /** Its file, for whoever is told of a mistake in it. */
  readonly file: string;
  /** Its first line, a heading. */
  readonly title: string;
  /** The paragraph after it, as one line of Markdown: what the guide is about, in one or two sentences. */
  readonly lead: string;
  /** All that follows. */
  readonly tokens: Token[];
}

const maxGuides = 200;
const fileName = /^(?:\d+-)?([a-z][a-z0-9-]*)\.md$/;

/**
 * Reads a folder of guides. `{{origin}}` in them is `origin`.
 *
 * @throws {RangeError} for a file whose name or beginning is not that of a guide, and when there is none.
 */
export function readGuides(folder: URL, origin: string): Guide[] {
  const base = new URL(folder.href.endsWith('/') ? folder : `${folder.href}/`);
  const files = readdirSync(base)
    .filter((file) => file.endsWith('.md'))
    .sort((one, other) => order(one) - order(other) || one.localeCompare(other, 'en'));
  if (files.length === 0 || files.length > maxGuides)
    throw new RangeError(
      `docsPortal: guides must have 1 to ${maxGuides} Markdown files, got ${files.length}`,
    );
  const guides = files.map((file) => readGuide(file, readFileSync(new URL(file, base), 'utf8'), origin));
  const twice = guides.find(({ name }, index) => guides.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new RangeError(`docsPortal: two guides are called '${twice.name}'`);
  return guides;
}

function readGuide(file: string, text: string, origin: string): Guide {
  const [, name] = fileName.exec(file) ?? [];
  if (name === undefined || ['reference', 'changelog', 'assets'].includes(name))
    throw new RangeError(
      `docsPortal: a guide is called like 20-errors.md, and not reference or changelog; got ${file}`,
    );
  const [heading, ...others] = readMarkdown(text.replaceAll('{{origin}}', origin)).filter(
    ({ type }, index) => type !== 'space' || index > 2,
  );
  const [lead, ...tokens] = others;
  if (heading?.type !== 'heading' || (heading as Tokens.Heading).depth !== 1 || lead?.type !== 'paragraph')
    throw new RangeError(
      `docsPortal: a guide begins with '# Title' and a paragraph that says what it is about; see ${file}`,
    );
  return {
    name: name === 'index' ? '' : name,
    file,
    title: plainText((heading as Tokens.Heading).tokens).trim(),
    lead: (lead as Tokens.Paragraph).text.trim(),
    tokens,
  };
}

/** By its number; the first page before all, what has no number behind all. */
function order(file: string): number {
  if (file === 'index.md') return -1;
  return Number(/^\d+/.exec(file)?.[0] ?? Number.MAX_SAFE_INTEGER);
}
