import { LineCounter, parseDocument } from 'yaml';
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

function at(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}, line ${line}`;
}
