import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Log } from '../../sdk/index.js';

const run = promisify(execFile);
/** How long telling the service manager may take. */
const TIMEOUT_MS = 5_000;

/** States for systemd, see sd_notify(3). */
export type ServiceState = 'READY=1' | 'RELOADING=1' | 'STOPPING=1';

/**
 * Tells the service manager that started this process about its state. Without one, `NOTIFY_SOCKET` is not set and nothing happens. Node
 * has no Unix datagram sockets, so systemd's own command sends the datagram.
 */
export class ServiceManager {
  /** One after the other, so that no state overtakes another. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: Log,
    private readonly socket = process.env['NOTIFY_SOCKET'],
  ) {}

  /** Settles when the manager was told, or that has failed and was logged. */
  tell(state: ServiceState): Promise<void> {
    if (this.socket === undefined) return this.#last;
    this.#last = this.#last.then(() => this.#send(state));
    return this.#last;
  }

  async #send(state: ServiceState): Promise<void> {
    try {
      await run('systemd-notify', [state], { timeout: TIMEOUT_MS });
    } catch (error) {
      this.log.warn('The service manager was not told', { state, error: String(error) });
    }
  }
}
