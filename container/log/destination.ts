import { write, writeSync } from 'node:fs';

/** Most characters that wait to be written; further lines are dropped, so that the log does not take the memory that calls need. */
const MAX_WAITING_CHARACTERS = 1_048_576;
/** Most that is written at a time. */
const MAX_CHUNK_CHARACTERS = 65_536;
/** Pause before another attempt, when the reader of a pipe is slow and when the system has refused to write. */
const BUSY_PAUSE_MS = 50;
const FAILURE_PAUSE_MS = 1_000;

/** The system's functions, for tests that make them fail. */
export interface DescriptorIo {
  write(fd: number, bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  writeSync(fd: number, bytes: Buffer): number;
}

const SYSTEM: DescriptorIo = { write, writeSync };

/**
 * Writes lines to a file descriptor without waiting for it. While the disk is full or the reader stalls, lines wait in memory; if there
 * are too many, new lines are dropped and counted. Neither ends or blocks the process; pino's own destination blocks on exit, where it
 * retries for ever.
 */
export class LogDestination {
  #waiting: string[] = [];
  #waitingCharacters = 0;
  /** The unwritten rest of the current chunk. */
  #chunk: Buffer | undefined;
  #isWriting = false;
  #pause: NodeJS.Timeout | undefined;
  #leftOut = 0;
  readonly #onWritten = new Set<() => void>();

  /** @param onRecovery called when lines can be written again, with the number of those that were left out */
  constructor(
    private readonly fd: number,
    private readonly onRecovery: (leftOut: number) => void,
    private readonly io: DescriptorIo = SYSTEM,
    private readonly maxWaiting = MAX_WAITING_CHARACTERS,
  ) {}

  write(line: string): void {
    if (this.#waitingCharacters + line.length > this.maxWaiting) {
      this.#leftOut += 1;
      return;
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length;
    if (!this.#isWriting && !this.#pause) this.#writeNext();
  }

  /** Settles when all is written, or after `limitMs`. */
  async flushed(limitMs: number): Promise<void> {
    if (this.#isEmpty) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#onWritten.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, limitMs);
      this.#onWritten.add(settle);
    });
  }

  /**
   * Writes waiting lines as far as the system accepts them at once; for the end of the process, when nothing asynchronous runs any more.
   */
  flushNow(): void {
    try {
      for (let chunk = this.#nextChunk(); chunk; chunk = this.#nextChunk())
        this.#written(this.io.writeSync(this.fd, chunk));
    } catch {
      // The log cannot be written, and there is nobody to tell.
    }
  }

  get #isEmpty(): boolean {
    return this.#chunk === undefined && this.#waiting.length === 0;
  }

  #writeNext(): void {
    const chunk = this.#nextChunk();
    if (!chunk) {
      for (const settle of this.#onWritten) settle();
      return;
    }
    this.#isWriting = true;
    this.io.write(this.fd, chunk, (error, written) => {
      this.#isWriting = false;
      if (error) this.#tryLater(error);
      else {
        this.#written(written);
        this.#tellOfLeftOut();
        this.#writeNext();
      }
    });
  }

  #nextChunk(): Buffer | undefined {
    if (this.#chunk || this.#waiting.length === 0) return this.#chunk;
    let length = 0;
    const count = this.#waiting.findIndex((line) => (length += line.length) > MAX_CHUNK_CHARACTERS);
    const lines = this.#waiting.splice(0, count === -1 ? this.#waiting.length : Math.max(1, count));
    const text = lines.join('');
    this.#waitingCharacters -= text.length;
    this.#chunk = Buffer.from(text);
    return this.#chunk;
  }

  #written(count: number): void {
    const rest = this.#chunk?.subarray(count);
    this.#chunk = rest && rest.length > 0 ? rest : undefined;
  }

  #tellOfLeftOut(): void {
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    if (leftOut > 0) this.onRecovery(leftOut);
  }

  #tryLater({ code }: NodeJS.ErrnoException): void {
    const pauseMs = code === 'EAGAIN' ? BUSY_PAUSE_MS : FAILURE_PAUSE_MS;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#writeNext();
    }, pauseMs).unref();
  }
}
