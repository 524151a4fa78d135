import { stat } from 'node:fs/promises';

/** Whether a change was dealt with, be it by refusing it; `tryAgain`: the file could not be read for want of something. */
export type Seen = 'done' | 'tryAgain';

/** Errors of a system that is short of something, or of a file system that is away: they say nothing about the file. */
const PASSING = [
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  // a thread takes descriptors and memory
  'ERR_WORKER_INIT_FAILED',
];

/** Whether an error, or what caused it, goes by without anybody changing the file. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && PASSING.includes(String(error.code))) || isPassing(error.cause);
}

/**
 * Calls back when a file changes, is replaced, vanishes or appears. It polls: notifications of the kernel miss files that
 * are replaced behind a symbolic link or lie on a network file system.
 */
export class FileWatch {
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private closed = false;

  /** @param signature of the file before it was last read, so that no change since then is missed */
  constructor(
    private readonly file: string,
    private signature: string,
    private readonly onChange: () => Promise<Seen>,
    private readonly intervalMs: number,
  ) {
    this.schedule();
  }

  /** Settles when no callback is under way any more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.polling;
  }

  private schedule(): void {
    if (this.closed) return;
    this.timer = setTimeout(() => {
      this.polling = this.poll().finally(() => this.schedule());
    }, this.intervalMs);
    this.timer.unref();
  }

  private async poll(): Promise<void> {
    const signature = await signatureOf(this.file);
    if (signature === this.signature || this.closed) return;
    // A change that could not be read counts as a change again the next time.
    if ((await this.onChange()) === 'done') this.signature = signature;
  }
}

/** Differs between two states of a file, also when a file of the same size and time takes its place. */
export async function signatureOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'missing';
  }
}
