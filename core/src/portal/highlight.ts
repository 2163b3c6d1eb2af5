/**
 * Colours for code: comments, texts, numbers, words of the language. A few patterns per language and no grammar; what
 * they do not know stays plain.
 *
 * @module
 */
import { escapeHtml } from '../ssr/escape.ts';
import { SafeHtml } from '../ssr/html.ts';

/** Each piece of code has the class of the group that found it. */
type Kind = 'comment' | 'text' | 'number' | 'word' | 'name';

const string = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/;
const number = /\b\d[\d_]*(?:\.\d+)?\b/;

const languages: Readonly<Record<string, readonly (readonly [Kind, RegExp])[]>> = {
  json: [
    ['name', /"(?:[^"\\\n]|\\.)*"(?=\s*:)/],
    ['text', string],
    ['number', /-?\b\d+(?:\.\d+)?\b/],
    ['word', /\b(?:true|false|null)\b/],
  ],
  ts: [
    ['comment', /\/\/[^\n]*|\/\*[\s\S]*?\*\//],
    ['text', /`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/],
    [
      'word',
      /\b(?:import|from|export|const|let|function|async|await|return|if|else|for|of|in|while|new|throw|try|catch|finally|type|interface|readonly|typeof|true|false|null|undefined|as|default|class)\b/,
    ],
    ['number', number],
    ['name', /\b[A-Za-z_$][\w$]*(?=\()/],
  ],
  py: [
    ['comment', /#[^\n]*/],
    ['text', /"""[\s\S]*?"""|f?"(?:[^"\\\n]|\\.)*"|f?'(?:[^'\\\n]|\\.)*'/],
    [
      'word',
      /\b(?:import|from|def|return|if|elif|else|for|in|while|not|and|or|with|as|try|except|raise|None|True|False|lambda|is|break|continue|pass|class)\b/,
    ],
    ['number', number],
    ['name', /\b[A-Za-z_]\w*(?=\()/],
  ],
  sh: [
    ['comment', /(?<=^|\s)#[^\n]*/],
    ['name', /\$\{?[A-Za-z_]\w*\}?|(?<=^|\s)-{1,2}[A-Za-z][\w-]*/],
    ['text', string],
    ['word', /\b(?:curl|if|then|else|fi|for|in|do|done|while|set|echo|local|export|openssl|printf|npx)\b/],
    ['number', number],
  ],
  http: [
    ['name', /^[A-Za-z-]+(?=:)/],
    ['word', /^(?:GET|POST|PUT|PATCH|DELETE|HTTP\/[\d.]+)\b/],
    ['text', string],
    ['number', number],
  ],
};

const aliases: Readonly<Record<string, string>> = {
  typescript: 'ts',
  js: 'ts',
  javascript: 'ts',
  python: 'py',
  bash: 'sh',
  shell: 'sh',
};

const compiled = new Map<string, RegExp>();

/** Code as HTML, escaped, with a `<span>` around what has a colour. */
export function highlight(code: string, language: string): SafeHtml {
  const name = aliases[language] ?? language;
  const rules = languages[name];
  if (rules === undefined) return new SafeHtml(escapeHtml(code));
  let text = '';
  let end = 0;
  for (const match of code.matchAll(patternOf(name, rules))) {
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0] ?? '';
    text += escapeHtml(code.slice(end, match.index));
    text += `<span class="c-${kind.replace(/\d+$/, '')}">${escapeHtml(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return new SafeHtml(text + escapeHtml(code.slice(end)));
}

function patternOf(name: string, rules: readonly (readonly [Kind, RegExp])[]): RegExp {
  let pattern = compiled.get(name);
  if (pattern === undefined) {
    const groups = rules.map(([kind, rule], index) => `(?<${kind}${index}>${rule.source})`);
    pattern = new RegExp(groups.join('|'), 'gm');
    compiled.set(name, pattern);
  }
  return pattern;
}
