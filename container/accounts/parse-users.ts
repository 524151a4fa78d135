import { ConfigurationError } from '../config/errors.js';
import { configurationError } from '../config/issues.js';
import { at, linesOfKeys, parseJson } from '../config/json.js';
import { XmlError } from '../config/xml.js';
import { userShape, usersSchema } from './users.js';
import type { User } from './users.js';
import { readValidUsers } from './valid-users.js';

const key = 'users';

/**
 * Reads the text of a user directory: a sipXecs `validusers.xml`, or else a JSON array.
 * @param file its path, for the error
 * @throws ConfigurationError with a line for each fault of its users
 */
export function parseUsers(bytes: Uint8Array, file: string): User[] {
  const text = new TextDecoder().decode(bytes); // without a byte order mark
  return text.trimStart().startsWith('<') ? fromXml(text, file) : fromJson(text, file);
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
    if (!(error instanceof XmlError)) throw error;
    const { line, expected, found } = error;
    throw new ConfigurationError({ key, source: `${file}, line ${line}`, expected, found });
  }
}

function checked(input: unknown, sourceOf: (path: readonly PropertyKey[]) => string): User[] {
  const parsed = usersSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw configurationError(parsed.error, { input, sourceOf, prefix: [key], keysAt: () => Object.keys(userShape) });
}
