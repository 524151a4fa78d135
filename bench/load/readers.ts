import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('event-readers.js', import.meta.url));
const counted = z.object({ events: z.number() });

/** Readers of `/v1/events`, all of them in one process of their own. */
export class Readers {
  private constructor(private readonly child: ChildProcess) {}

  /** Settles when each of them has been greeted. */
  static async open(port: number, readers: number): Promise<Readers> {
    const child = fork(program, [String(port), String(readers)]);
    await once(child, 'message');
    return new Readers(child);
  }

  /** How many events all of them have got. */
  async count(): Promise<z.output<typeof counted>> {
    this.child.send('count');
    const [message]: unknown[] = await once(this.child, 'message');
    return counted.parse(message);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
