import { expect } from 'chai';
import { type DescriptorIo, LogDestination } from '../../../container/log/destination.js';

/** A descriptor that writes, or fails, when the test says so. */
class Descriptor implements DescriptorIo {
  text = '';
  failure: NodeJS.ErrnoException | undefined;
  #pending: (() => void) | undefined;

  write(_fd: number, bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void {
    this.#pending = () => {
      if (this.failure) return done(this.failure, 0);
      done(null, this.#take(bytes));
    };
  }

  writeSync(_fd: number, bytes: Buffer): number {
    if (this.failure) throw this.failure;
    return this.#take(bytes);
  }

  /** Ends the write that is under way. False when there is none. */
  step(): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.();
    return pending !== undefined;
  }

  #take(bytes: Buffer): number {
    const part = bytes.subarray(0, 7);
    this.text += part.toString('latin1');
    return part.length;
  }
}

const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
const busy = Object.assign(new Error('try again'), { code: 'EAGAIN' });

describe('The destination of the log', () => {
  let io: Descriptor;
  let told: number[];

  beforeEach(() => {
    io = new Descriptor();
    told = [];
  });

  function destination(maxWaiting: number): LogDestination {
    return new LogDestination(2, (leftOut) => told.push(leftOut), io, maxWaiting);
  }

  it('writes lines whole and in order, however little the system takes at a time', () => {
    const log = destination(1_000);
    for (const line of ['first line\n', 'second line\n', 'third line\n']) log.write(line);
    while (io.step()) continue;
    expect(io.text).to.equal('first line\nsecond line\nthird line\n');
    expect(told).to.deep.equal([]);
  });

  it('keeps lines while the disk is full, counts those without room, and tells of them when it can write again', async () => {
    const log = destination(30);
    io.failure = full;
    log.write('1 line here\n');
    io.step();
    for (const number of [2, 3, 4, 5, 6]) log.write(`${number} line here\n`);
    io.failure = undefined;
    const flushed = log.flushed(5_000);
    const timer = setInterval(() => io.step(), 5);
    await flushed;
    clearInterval(timer);
    expect(io.text).to.equal('1 line here\n2 line here\n3 line here\n');
    expect(told).to.deep.equal([3]);
  });

  it('waits for no longer than it is told to while nobody reads', async () => {
    const log = destination(1_000);
    io.failure = busy;
    log.write('a line\n');
    io.step();
    await log.flushed(20);
    expect(io.text).to.equal('');
  });

  it('writes at the end of the process what can be written at once, and gives up where it cannot', () => {
    const log = destination(1_000);
    io.failure = busy;
    log.write('a line that waits\n');
    io.step();
    log.flushNow();
    expect(io.text).to.equal('');
    io.failure = undefined;
    log.flushNow();
    expect(io.text).to.equal('a line that waits\n');
  });
});
