import { messageOf } from './message-of.js';
/** Names the setting of a listener that cannot be opened. @throws Error with the key and the cause */
export async function named<T>(key: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    const isAddress = error instanceof Error && 'code' in error && error.code === 'EADDRNOTAVAIL';
    throw new Error(`${isAddress ? 'ipAddress' : key}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
