import type { Sip } from '../../sdk/index.js';

/** In the phase `loading` handlers may be registered, and that is all: nothing else is ever called. */
export class SilentSip implements Sip {
  readonly host = '127.0.0.1';
  readonly port = 0;
  readonly domain = 'example.com';
  readonly transactionTimeoutMs = 32_000;

  onInvite(): void {
    // nobody calls
  }

  onMessage(): void {
    // nobody writes
  }

  invite(): never {
    throw new Error('Nothing is sent in a check');
  }

  restore(): never {
    throw new Error('Nothing goes on in a check');
  }

  async request(): Promise<never> {
    throw new Error('Nothing is sent in a check');
  }

  subscribe(): never {
    throw new Error('Nothing is sent in a check');
  }

  async open(): Promise<never> {
    throw new Error('Nothing is opened in a check');
  }

  async close(): Promise<void> {
    // nothing is open
  }
}
