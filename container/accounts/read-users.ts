import { open } from 'node:fs/promises';
import { ConfigurationError } from '../config/errors.js';
import { errorCode } from '../config/files.js';
import { configurationError } from '../config/issues.js';
import { at, linesOfKeys, parseJson } from '../config/json.js';
import { XmlError } from '../config/xml.js';
import { userShape, usersSchema } from './users.js';
import type { User } from './users.js';
import { readValidUsers } from './valid-users.js';

const key = 'users';
const longestFileBytes = 64 * 1024 * 1024;

/**
 * Reads a user directory: a sipXecs `validusers.xml`, or else a JSON array.
 * @throws ConfigurationError with what is wrong with the file, or a line for each fault of its users
 */
export async function readUsers(file: string): Promise<User[]> {
  const text = await readText(file);
  return text.trimStart().startsWith('<') ? fromXml(text, file) : fromJson(text, file);
}

async function readText(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw broken(file, 'a file', 'something else');
      if (stats.size > longestFileBytes) throw broken(file, 'at most 64 MiB', `${stats.size} bytes`);
      return (await handle.readFile('utf8')).replace(/^\uFEFF/, '');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw broken(file, 'a readable file', errorCode(error), { cause: error });
  }
}

function fromJson(text: string, file: string): User[] {
  let lineOf: ReturnType<typeof linesOfKeys> | undefined;
  return checked(parseJson(text, { key, file }), (path) => at(file, (lineOf ??= linesOfKeys(text))(path)));
}

function fromXml(text: string, file: string): User[] {
  try {
    const written = readValidUsers(text);
    const sourceOf = (path: readonly PropertyKey[]): string => `${file}, line ${written[Number(path[0])]?.line ?? 1}`;
    return checked(
      written.map(({ user }) => user),
      sourceOf,
    );
  } catch (error) {
    if (error instanceof XmlError) throw broken(`${file}, line ${error.line}`, error.expected, error.found);
    throw error;
  }
}

function checked(input: unknown, sourceOf: (path: readonly PropertyKey[]) => string): User[] {
  const parsed = usersSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, { input, sourceOf, prefix: [key], keysAt: () => Object.keys(userShape) });
}

function broken(source: string, expected: string, found: string, options?: ErrorOptions): ConfigurationError {
  return new ConfigurationError({ key, source, expected, found }, options);
}
