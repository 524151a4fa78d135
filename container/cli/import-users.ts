import { text } from 'node:stream/consumers';
import { ImportError, type ImportedUser, usersOfLdif, usersOfSubscribers } from '../accounts/import-users.js';
import { UsageError } from './command.js';

const READERS: Readonly<Record<string, (text: string) => ImportedUser[]>> = {
  subscriber: usersOfSubscribers,
  ldif: usersOfLdif,
};

/**
 * Makes a users file from standard input and prints it.
 * @returns the exit code
 */
export async function importUsers(kind: string): Promise<number> {
  const read = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
  if (!read) throw new UsageError(`Expected subscriber or ldif, found ${kind}`);
  try {
    const users = read(await text(process.stdin));
    process.stdout.write(`${JSON.stringify(users, undefined, 2)}\n`);
    process.stderr.write(`${users.length} users\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    process.stderr.write(`sipxrest: ${error.message}\n`);
    return 1;
  }
}
