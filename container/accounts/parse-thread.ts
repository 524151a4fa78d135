import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { ConfigurationError } from '../config/errors.js';
import { type Answer, slicesOf } from './entries.js';
import { parseUsers } from './parse-users.js';

/* A thread that reads a large user directory: the event loop of the calls would stand still meanwhile. */

const home = z.object({ realm: z.string(), domain: z.string() });
const task = z.object({ bytes: z.instanceof(Uint8Array), file: z.string(), home }).parse(workerData);
const answers = read();

// One slice for each request, so that the main thread can serve calls in between.
parentPort?.on('message', () => {
  parentPort?.postMessage(answers.next().value ?? { entries: [], isLast: true }, []);
});

function* read(): Generator<Answer> {
  try {
    for (const entries of slicesOf(parseUsers(task.bytes, task.file), task.home)) yield { entries, isLast: false };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    yield { problems: error.problems };
  }
}
