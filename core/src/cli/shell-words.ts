/**
 * A pasted command line as words, the way a shell would split it, and without a shell: nothing is run and nothing is
 * put in for a variable. What only a shell can do is refused.
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02 POSIX, 2.2 Quoting}
 * @module
 */
import { UsageError } from './usage-error.ts';

/** @throws {UsageError} for an open quote, a variable, a substitution, or more than one command. Shows no value. */
export function shellWords(line: string): string[] {
  return new Splitter(line).words();
}

const needsShell: Readonly<Record<string, string>> = {
  $: 'the line has a $variable: put its value there',
  '`': 'the line has a `substitution`: put its value there',
  ';': 'the line has a ; outside of quotes: give one curl command',
  '|': 'the line has a | outside of quotes: give one curl command',
  '&': 'the line has a & outside of quotes: put the URL into quotes',
  '<': 'the line has a < outside of quotes: give one curl command',
  '>': 'the line has a > outside of quotes: give one curl command',
  '(': 'the line has a ( outside of quotes: put what has it into quotes',
  ')': 'the line has a ) outside of quotes: put what has it into quotes',
};

const ansiEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

class Splitter {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  words(): string[] {
    const words: string[] = [];
    let word: string | undefined;
    while (this.#at < this.#line.length) {
      const letter = this.#take();
      if (/\s/.test(letter)) {
        if (word !== undefined) words.push(word);
        word = undefined;
      } else if (letter === '\\') {
        const next = this.#takeContinued();
        if (next !== undefined) word = (word ?? '') + next;
      } else word = (word ?? '') + this.#part(letter);
    }
    return word === undefined ? words : [...words, word];
  }

  #part(letter: string): string {
    if (letter === "'") return this.#upTo("'");
    if (letter === '"') return this.#doubleQuoted();
    if (letter === '$' && this.#line[this.#at] === "'") {
      this.#at += 1;
      return this.#ansiQuoted();
    }
    return this.#plain(letter);
  }

  #plain(letter: string): string {
    // A dollar that begins no name is one.
    const isAlone = letter === '$' && !/[\w{("]/.test(this.#line[this.#at] ?? '');
    const why = Object.hasOwn(needsShell, letter) && !isAlone ? needsShell[letter] : undefined;
    if (why !== undefined) throw new UsageError(why);
    return letter;
  }

  #upTo(quote: string): string {
    const end = this.#line.indexOf(quote, this.#at);
    if (end < 0) throw openQuote();
    const text = this.#line.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #doubleQuoted(): string {
    let text = '';
    for (let letter = this.#takeQuoted(); letter !== '"'; letter = this.#takeQuoted()) {
      if (letter === '\\' && /["\\$`\n]/.test(this.#line[this.#at] ?? ''))
        text += this.#takeContinued() ?? '';
      else text += letter === '$' || letter === '`' ? this.#plain(letter) : letter;
    }
    return text;
  }

  /** `$'…'`, which browsers write for what has a quote or a line break. */
  #ansiQuoted(): string {
    let text = '';
    for (let letter = this.#takeQuoted(); letter !== "'"; letter = this.#takeQuoted()) {
      text += letter === '\\' ? this.#ansiEscape() : letter;
    }
    return text;
  }

  #ansiEscape(): string {
    const rest = this.#line.slice(this.#at, this.#at + 9);
    const [digits, , hex4, hex8, hex2, octal] =
      /^(u([\da-fA-F]{1,4})|U([\da-fA-F]{1,8})|x([\da-fA-F]{1,2})|([0-7]{1,3}))/.exec(rest) ?? [];
    const code = hex4 ?? hex8 ?? hex2;
    if (digits === undefined) {
      const letter = this.#takeQuoted();
      return Object.hasOwn(ansiEscapes, letter) ? (ansiEscapes[letter] ?? '') : letter;
    }
    this.#at += digits.length;
    const point = code === undefined ? Number.parseInt(octal ?? '0', 8) : Number.parseInt(code, 16);
    if (point > 0x10_ffff) throw new UsageError('the line has an escape that is no character');
    return String.fromCodePoint(point);
  }

  /** What follows a backslash; nothing when the line goes on below. */
  #takeContinued(): string | undefined {
    const next = this.#take();
    if (next === '\r' && this.#line[this.#at] === '\n') this.#at += 1;
    return next === '\n' || next === '\r' || next === '' ? undefined : next;
  }

  #takeQuoted(): string {
    if (this.#at >= this.#line.length) throw openQuote();
    return this.#take();
  }

  #take(): string {
    const letter = this.#line.charAt(this.#at);
    this.#at += 1;
    return letter;
  }
}

function openQuote(): UsageError {
  return new UsageError('the line ends inside of quotes');
}
