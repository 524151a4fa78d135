import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { ConfigurationError } from '../config/errors.js';
import { errorCode } from '../config/files.js';
import { type Answer, type Entry, type Home, slicesOf } from './entries.js';
import { parseUsers } from './parse-users.js';

const longestFileBytes = 64 * 1024 * 1024;
/** Up to this length, some hundred users, reading takes less time than starting a thread. */
const shortFileBytes = 128 * 1024;
const bytesOfMiB = 1024 * 1024;

interface Task {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly file: string;
  readonly home: Home;
}

/**
 * Reads a user directory: a sipXecs `validusers.xml`, or else a JSON array. A long file is read in a thread of its own. Yields the users
 * in slices, the first after all were checked.
 * @throws ConfigurationError with what is wrong with the file, or a line for each fault of its users
 * @throws AbortError when the signal is aborted
 */
export async function* readUsers(file: string, home: Home, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
  const bytes = await readBytes(file);
  if (bytes.length <= shortFileBytes) yield* slicesOf(parseUsers(bytes, file), home);
  else yield* entriesOfThread({ bytes, file, home }, signal);
}

async function* entriesOfThread({ bytes, file, home }: Task, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
  const maxOldGenerationSizeMb = Math.ceil(getHeapStatistics().heap_size_limit / bytesOfMiB);
  const thread = new Worker(new URL('./parse-thread.js', import.meta.url), {
    workerData: { bytes, file, home: { realm: home.realm, domain: home.domain } },
    transferList: [bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb },
  });
  try {
    for (;;) {
      thread.postMessage('next', []);
      const [answer] = (await once(thread, 'message', { signal })) as [Answer];
      if ('problems' in answer) throw new ConfigurationError(answer.problems);
      if (answer.isLast) return;
      yield answer.entries;
    }
  } finally {
    await thread.terminate();
  }
}

/** @returns the bytes, in a buffer not shared with others */
async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw broken(file, 'a file', 'something else');
      if (stats.size > longestFileBytes) throw broken(file, 'at most 64 MiB', `${stats.size} bytes`);
      return await readAll(handle, stats.size);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw broken(file, 'a readable file', errorCode(error), { cause: error });
  }
}

/** Straight into its place: to copy megabytes takes the event loop's time. What is written meanwhile is read as the next version. */
async function readAll(handle: FileHandle, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, length);
    if (bytesRead === 0) return bytes.slice(0, length);
    length += bytesRead;
  }
  return bytes;
}

function broken(source: string, expected: string, found: string, options?: ErrorOptions): ConfigurationError {
  return new ConfigurationError({ key: 'users', source, expected, found }, options);
}
