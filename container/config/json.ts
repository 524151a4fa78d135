import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigurationError } from './errors.js';

/** Where a text came from, for the error line. */
export interface Origin {
  readonly key: string;
  readonly file: string;
}

// Finding the line of a mistake costs seconds in a text of many megabytes.
const longestExplained = 1024 * 1024;

/** @throws ConfigurationError with the line of the mistake where it is known */
export function parseJson(text: string, { key, file }: Origin): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const source = at(file, lineOfMistake(text, String(error)));
    throw new ConfigurationError({ key, source, expected: 'JSON', found: 'a syntax error' });
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
 * Reads a JSON or YAML text to tell in which line a key stands, or the nearest key above where it is missing. Nothing is told of
 * a text of many megabytes.
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

function lineOfMistake(text: string, message: string): number | undefined {
  // The message quotes the text around the mistake, which may be a password: only the position is taken from it.
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return text.slice(0, Number(position)).split('\n').length;
  // JSON is YAML, so that a YAML parser finds most mistakes as well.
  return text.length > longestExplained ? undefined : yamlMistake(text)?.line;
}

function yamlMistake(text: string): { line: number; name: string } | undefined {
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
