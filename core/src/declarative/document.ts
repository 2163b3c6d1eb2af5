/**
 * A file of JSON or YAML: its value, and where in the text each part of it stands.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 RFC 8259}
 * @see {@link https://yaml.org/spec/1.2.2/ YAML 1.2.2}
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { offsetIn } from './json-offset.ts';

export type Path = readonly (string | number)[];

export interface TextDocument {
  readonly file: string;
  readonly value: unknown;
  /** `routes.yaml:12:5`, of the part at `path` or of what is left of it. */
  placeOf(path: Path): string;
}

const maxBytes = 1_048_576;

/** What is used of the package `yaml`; it is an optional peer. */
interface Yaml {
  parseDocument(
    text: string,
    options: {
      readonly lineCounter: LineCounter;
      readonly uniqueKeys: boolean;
      readonly prettyErrors: boolean;
    },
  ): YamlDocument;
  readonly LineCounter: new () => LineCounter;
}

interface LineCounter {
  linePos(offset: number): { readonly line: number; readonly col: number };
}

interface YamlDocument {
  readonly errors: readonly { readonly message: string; readonly pos: readonly [number, number] }[];
  readonly warnings: readonly { readonly message: string; readonly pos: readonly [number, number] }[];
  getIn(path: Path, keepScalar: boolean): unknown;
  toJS(options: { readonly maxAliasCount: number }): unknown;
}

/**
 * Reads `file`; what does not end in `.json` is YAML.
 *
 * @throws {RangeError} naming the file, and the line where the text is not what it should be.
 */
export function readDocument(file: string): TextDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException;
    throw new RangeError(`${file} cannot be read (${code})`);
  }
  if (text.length > maxBytes) throw new RangeError(`${file} has more than ${maxBytes} characters`);
  return file.endsWith('.json') ? jsonDocument(file, text) : yamlDocument(file, text);
}

function jsonDocument(file: string, text: string): TextDocument {
  const lines = (offset: number): string => {
    const before = text.slice(0, offset).split('\n');
    return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  };
  try {
    return { file, value: JSON.parse(text), placeOf: (path) => lines(offsetIn(text, path)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, offset] = /at position (\d+)/.exec(message) ?? [];
    throw new RangeError(`${offset === undefined ? file : lines(Number(offset))}: not JSON: ${message}`);
  }
}

function yamlDocument(file: string, text: string): TextDocument {
  const { parseDocument, LineCounter } = loadYaml(file);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw new RangeError(`${at(fault.pos[0])}: not YAML: ${fault.message}`);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new RangeError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return {
    file,
    value,
    placeOf(path) {
      for (let length = path.length; length >= 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
        if (Array.isArray(range) && typeof range[0] === 'number') return at(range[0]);
      }
      return file;
    },
  };
}

function loadYaml(file: string): Yaml {
  try {
    return createRequire(import.meta.url)('yaml') as Yaml;
  } catch {
    throw new RangeError(`${file} is YAML; install the package yaml, or write it as .json`);
  }
}
