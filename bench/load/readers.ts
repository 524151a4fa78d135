import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const program = fileURLToPath(new URL('event-readers.js', import.meta.url));
/** Without an event for this long, no more are expected. */
const QUIET_MS = 500;
const counted = z.object({ events: z.number() });

/** Readers of `/v1/events`, all of them in one process of their own. */
export class Readers {
  private constructor(private readonly child: ChildProcess) {}

  /** Resolves when every reader is connected. */
  static async open(port: number, readers: number): Promise<Readers> {
    const child = fork(program, [String(port), String(readers)]);
    await once(child, 'message');
    return new Readers(child);
  }

  /** Total number of events received, once no more arrive. */
  async count(): Promise<number> {
    let before = -1;
    for (;;) {
      this.child.send('count');
      const [message]: unknown[] = await once(this.child, 'message');
      const { events } = counted.parse(message);
      if (events === before) return events;
      before = events;
      await delay(QUIET_MS);
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}
