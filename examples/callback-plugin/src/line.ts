import type { Account, Notification, Sdk, Subscription, SubscriptionEnd, SubscriptionListener } from 'sipxrest/sdk';
import { readDialogInfo } from './dialog-info.js';

/** A telephone has a few dialogs; reports of more are not trusted. */
const MAX_DIALOGS = 100;

export interface LineListener {
  /** The line has become free or busy. */
  onChange(): void;
  /** The state of the line is no longer available. */
  onEnd(why: string): void;
}

/** The line of one user, watched through a subscription to its dialogs (RFC 4235). The container's SIP stack refreshes the subscription. */
export class Line implements SubscriptionListener {
  readonly #dialogs = new Map<string, boolean>();
  readonly #subscription: Subscription;
  #version = -1;

  /**
   * @param address of the user, `user@host`
   * @param subscriber answers the proxy's challenge
   * @throws Error if the address is not valid in a SIP URI
   */
  constructor(
    sdk: Sdk,
    address: string,
    subscriber: Account,
    expiresSeconds: number,
    private readonly listener: LineListener,
  ) {
    this.#subscription = sdk.sip.subscribe(
      {
        uri: `sip:${address}`,
        to: `sip:${address}`,
        from: { uri: `sip:${subscriber.identity}` },
        credentials: subscriber,
        event: 'dialog',
        expiresSeconds,
        headers: [['Accept', 'application/dialog-info+xml']],
      },
      this,
    );
  }

  /** Whether the telephone has reported that it is in no dialog. */
  get isFree(): boolean {
    return this.#version >= 0 && ![...this.#dialogs.values()].includes(true);
  }

  /** Unsubscribes. */
  close(): void {
    this.#subscription.end();
  }

  onNotify({ body }: Notification): void {
    // The first NOTIFY may arrive before the notifier knows the state, and the last one only ends the subscription.
    if (!body) return;
    const { version, isFull, dialogs } = readDialogInfo(body.content);
    if (version <= this.#version) return;
    this.#version = version;
    if (isFull) this.#dialogs.clear();
    for (const [id, goesOn] of dialogs) {
      if (!goesOn) this.#dialogs.delete(id);
      else if (this.#dialogs.size < MAX_DIALOGS) this.#dialogs.set(id, true);
    }
    this.listener.onChange();
  }

  onEnd({ cause, response, reason }: SubscriptionEnd): void {
    this.listener.onEnd(response ? `${response.status} ${response.reason}` : (reason ?? cause));
  }
}
