import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { Directory } from '../../../container/accounts/directory.js';
import { RecordingLog } from './recording-log.js';

/* Changes a user directory while all file descriptors of the process are taken, and tells when it was read after all. */

class TellingLog extends RecordingLog {
  onWarning: () => void = () => undefined;

  override warn(message: string): void {
    super.warn(message);
    this.onWarning();
  }
}

const [, , file = ''] = process.argv;
const log = new TellingLog();
const warned = new Promise<void>((resolve) => (log.onWarning = resolve));
const directory = await Directory.open(file, { realm: 'example.com', domain: 'example.com', log, pollIntervalMs: 20 });
// The directory's own timer keeps no process alive.
const alive = setInterval(() => undefined, 1_000);
const users = await open(file, 'w');
const taken: FileHandle[] = [];
try {
  for (;;) taken.push(await open('/dev/null'));
} catch {
  // that was the last one
}
const reloaded = once(directory, 'reloaded');
await users.writeFile('[{"userName": "user2"}]');
await warned;
process.stdout.write('tried again\n');
await Promise.all(taken.map((handle) => handle.close()));
await reloaded;
process.stdout.write(`${directory.find('user2') ? 'read' : 'not read'}\n`);
await users.close();
await directory.close();
clearInterval(alive);
