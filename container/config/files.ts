import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { ConfigurationError } from './errors.js';
import { at, linesOfKeys, parseJson, parseYaml } from './json.js';
import { readRestConfig } from './rest-config.js';

const key = 'configuration file';
const longestFileBytes = 1024 * 1024;

/**
 * Reads a configuration file: JSON, YAML or sipXecs XML, by the ending of its name.
 * @throws ConfigurationError when it is missing, unreadable, longer than 1 MiB or not what its name says
 */
export function readConfigurationFile(file: string): unknown {
  switch (extname(file).toLowerCase()) {
    case '.json':
      return parseJson(readText(file), { key, file });
    case '.yaml':
    case '.yml':
      return parseYaml(readText(file), { key, file });
    case '.xml':
      return readRestConfig(readText(file), { key, file });
    default:
      throw broken(file, 'a name that ends in .json, .yaml, .yml or .xml', 'another ending');
  }
}

/** The file and the line in which a key stands, for the error line; `configuration` where there is no file. */
export function sourceInFile(file: string | undefined, path: readonly PropertyKey[]): string {
  return sourcesInFile(file)(path);
}

/** As `sourceInFile`, for many keys: the file is read once, with the first of them. */
export function sourcesInFile(file: string | undefined): (path: readonly PropertyKey[]) => string {
  if (file === undefined) return () => 'configuration';
  let lineOf: ReturnType<typeof linesOfKeys> | undefined;
  return (path) => at(file, (lineOf ??= linesInFile(file))(path));
}

/** Finds the line in which a key stands in a JSON or YAML file, or the nearest key above. */
export function linesInFile(file: string): ReturnType<typeof linesOfKeys> {
  try {
    if (extname(file).toLowerCase() !== '.xml') return linesOfKeys(readText(file));
  } catch {
    // The file was removed or damaged since it was read.
  }
  return () => undefined;
}

function readText(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw broken(file, 'a file', stats.isDirectory() ? 'a folder' : 'something else');
    if (stats.size > longestFileBytes) throw broken(file, 'at most 1 MiB', `${stats.size} bytes`);
    return readFileSync(descriptor, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw broken(file, 'a readable file', errorCode(error));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function broken(source: string, expected: string, found: string): ConfigurationError {
  return new ConfigurationError({ key, source, expected, found });
}

/** `ENOENT` and the like; never an error's message, which may hold several lines. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'an error';
}
