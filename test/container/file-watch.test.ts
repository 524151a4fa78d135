import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileWatch, isPassing, signatureOf } from '../../container/file-watch.js';

describe('FileWatch', () => {
  it('comes back to a change that could not be read, until it was dealt with', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sipxrest-watch-'));
    const file = join(folder, 'users.json');
    writeFileSync(file, 'one');
    const looks = new EventEmitter();
    let count = 0;
    const onChange = async () => {
      count += 1;
      if (count === 3) looks.emit('done');
      return count < 3 ? ('tryAgain' as const) : ('done' as const);
    };
    const watch = new FileWatch(file, await signatureOf(file), onChange, 5);
    try {
      const done = once(looks, 'done');
      writeFileSync(file, 'the second version');
      await done;
    } finally {
      await watch.close();
      rmSync(folder, { recursive: true });
    }
    expect(count).to.equal(3);
  });

  it('decides by the cause of an error whether to try again', () => {
    const cause = Object.assign(new Error('too many open files'), { code: 'EMFILE' });
    expect(isPassing(new Error('cannot be read', { cause }))).to.equal(true);
    expect(isPassing(Object.assign(new Error('missing'), { code: 'ENOENT' }))).to.equal(false);
    expect(isPassing('EMFILE')).to.equal(false);
  });
});
