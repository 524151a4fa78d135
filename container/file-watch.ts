import { stat } from 'node:fs/promises';

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
    private readonly onChange: () => Promise<void>,
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
    this.signature = signature;
    await this.onChange();
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
