import { printParseErrorCode, visit } from 'jsonc-parser';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigurationError } from './errors.js';

/** Where a text came from, for the error line. */
export interface Origin {
  readonly key: string;
  readonly file: string;
}

// Locating keys in a text of many megabytes takes seconds.
const longestExplained = 1024 * 1024;

/** @throws ConfigurationError with the line of the mistake, and what kind of mistake it is */
export function parseJson(text: string, { key, file }: Origin): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The engine's message quotes the text around the mistake, which may be a password, and names no place in many cases.
    const { line, name } = jsonMistake(text) ?? {};
    const found = name === undefined ? 'a syntax error' : `a syntax error: ${name}`;
    throw new ConfigurationError({ key, source: at(file, line), expected: 'JSON', found });
  }
}

/** @throws ConfigurationError with the line of the mistake */
export function parseYaml(text: string, { key, file }: Origin): unknown {
  const mistake = yamlMistake(text);
  if (mistake !== undefined) {
    throw new ConfigurationError({ key, source: at(file, mistake.line), expected: 'YAML', found: mistake.name });
  }
  try {
    return parseDocument(text).toJS() as unknown;
  } catch {
    // Aliases that multiply (YAML's billion laughs) are found out only here.
    throw new ConfigurationError({ key, source: file, expected: 'YAML', found: 'aliases that cannot be resolved' });
  }
}

/**
 * Reads a JSON or YAML text to tell in which line a key stands, or the nearest key above where it is missing. A text of many megabytes
 * gives no lines.
 */
export function linesOfKeys(text: string): (path: readonly PropertyKey[]) => number | undefined {
  if (text.length > longestExplained) return () => undefined;
  const lineCounter = new LineCounter();
  const root = parseDocument(text, { lineCounter, logLevel: 'silent' }).contents as Node | null;
  return (path) => {
    let node = root;
    let position: number | undefined;
    for (const step of path) {
      const child: { at: Node; value: Node | null } | undefined = childOf(node, step);
      if (!child) break;
      position = child.at.range?.[0];
      node = child.value;
    }
    return position === undefined ? undefined : lineCounter.linePos(position).line;
  };
}

function childOf(node: Node | null, step: PropertyKey): { at: Node; value: Node | null } | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(step)];
    return item && { at: item, value: item };
  }
  const pair = isMap<Node, Node | null>(node)
    ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))
    : undefined;
  return pair && { at: pair.key, value: pair.value };
}

interface Mistake {
  readonly line: number;
  /** Quotes nothing of the text. */
  readonly name: string;
}

class Found extends Error {
  constructor(readonly mistake: Mistake) {
    super(mistake.name);
  }
}

/** The first mistake of a text that is not JSON. */
export function jsonMistake(text: string): Mistake | undefined {
  try {
    // Throws, because after the first mistake a text of many megabytes may produce as many more.
    const onError = (
      code: Parameters<typeof printParseErrorCode>[0],
      _offset: number,
      _length: number,
      line: number,
    ) => {
      throw new Found({ line: line + 1, name: inWords(printParseErrorCode(code)) });
    };
    visit(text, { onError }, { disallowComments: true });
  } catch (error) {
    if (error instanceof Found) return error.mistake;
    if (!(error instanceof RangeError)) throw error; // Nested too deeply to be explained.
  }
  return undefined;
}

/** `CommaExpected`: comma expected. */
function inWords(name: string): string {
  return name.replaceAll(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function yamlMistake(text: string): Mistake | undefined {
  const lineCounter = new LineCounter();
  // Pretty errors quote the text, which may be a password.
  const { errors, warnings } = parseDocument(text, { lineCounter, prettyErrors: false });
  const mistake = [...errors, ...warnings][0];
  if (mistake === undefined) return undefined;
  return { line: lineCounter.linePos(mistake.pos[0]).line, name: mistake.code.toLowerCase().replaceAll('_', ' ') };
}

/** A file and a line of it, for the error line. */
export function at(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}, line ${line}`;
}
