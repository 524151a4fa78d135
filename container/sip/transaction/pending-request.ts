import { type OnFailure, tellOfFailure } from './outlet.js';
import type { RequestText } from '../location/request-text.js';
import { targetName } from '../location/resting.js';
import { Retransmission } from './retransmission.js';
import { firstWaitMs } from './timers.js';
import type { Connection, Delivery, Target } from '../transport/transport.js';
import type { Ways } from '../location/ways.js';

export interface RequestSender {
  /** @param delivery undefined: a copy of what was sent before, and of which nobody hears */
  sendRequest(request: string, target: Target, delivery?: Delivery): void;
  /** Whether the target's system says that nobody listens there. */
  isClosed(target: Target): Promise<boolean>;
  /** A request did not go out: its server was not found, or could not be reached. */
  onUnsent(request: string, error: Error): void;
}

/** What a request needs of its call. */
export interface RequestOwner {
  readonly sender: RequestSender;
  readonly ways: Ways;
  /** Its connections are needed from now on; undefined: it went over UDP. */
  onConnection(connection: Connection | undefined): void;
  /** Nothing more is to be done for the request. @param error why it can no longer be answered */
  onEnd(request: PendingRequest, error: Error | undefined): void;
}

/**
 * A request that waits for its final response: over UDP it is sent again in intervals; on a connection once more when that is lost,
 * because nobody can tell whether it has arrived.
 */
export class PendingRequest implements Delivery {
  #whenSent: (() => void)[] | undefined;
  #isSent = false;
  #isOver = false;
  #failure: Error | undefined;
  /** Where it went: it goes there again. */
  #target: Target | undefined;
  /** Since the last answer to it. */
  #isSentAgain = false;
  #retransmission: Retransmission | undefined;
  /** Takes the wish back to be told of the connection's loss, or of the port's. */
  #forget: () => void = ignore;

  constructor(
    readonly message: RequestText,
    private readonly owner: RequestOwner,
    private readonly onFailure: OnFailure,
  ) {}

  /** Settles when it was handed over, or is not wanted any more. */
  get sent(): Promise<void> {
    return new Promise((resolve, reject) => {
      const tell = (): void => (this.#failure && !this.#isSent ? reject(this.#failure) : resolve());
      if (this.#isSent || this.#isOver) tell();
      else (this.#whenSent ??= []).push(tell);
    });
  }

  get isRetransmitted(): boolean {
    return this.#retransmission?.isRunning ?? false;
  }

  /** Sends it, at once where its server is known. */
  send(): void {
    const target = this.#target;
    if (target) return this.#sendTo(target);
    this.owner.ways.lead(
      this.message,
      (found) => this.#sendTo(found),
      (error) => this.onUnsent(error),
    );
  }

  onSent(target: Target, connection?: Connection): void {
    const { owner, message } = this;
    const { text, method, branch } = message;
    owner.onConnection(connection);
    if (method === 'INVITE') owner.ways.took(branch, target);
    this.#isSent = true;
    this.#tell();
    if (this.#isOver) return; // answered meanwhile
    this.#target = target;
    if (connection) {
      this.#forget = connection.whenLost((error) => this.#sendAgain(error));
    } else {
      const again = (): void => owner.sender.sendRequest(text, target);
      this.#retransmission ??= new Retransmission(again, method === 'INVITE' ? 'unlimited' : 'upToT2');
      if (owner.ways.hasOther(branch)) this.#watch(target);
    }
  }

  onUnsent(error: Error): void {
    if (this.#isOver) return;
    this.owner.sender.onUnsent(this.message.text, error);
    this.end(error);
  }

  /** A provisional response came. Over UDP nothing more happens to an INVITE then (RFC 3261 section 17.1.1.2). */
  receiveProvisional(): void {
    this.#isSentAgain = false;
    if (this.message.method !== 'INVITE') this.#retransmission?.slowDown();
    else if (this.#retransmission) this.end();
  }

  /** It is not sent again any more, though it may still be answered. */
  stopSending(): void {
    this.#retransmission?.stop();
    this.#forget();
  }

  /** @param error why it can no longer be answered; undefined: it is */
  end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = error;
    this.stopSending();
    this.owner.onEnd(this, error);
    this.#tell();
    if (error) void tellOfFailure(this.onFailure, error);
  }

  #sendTo(target: Target): void {
    if (!this.#isOver) this.owner.sender.sendRequest(this.message.text, target, this);
  }

  #sendAgain(error: Error): void {
    if (this.#isSentAgain) return this.end(error);
    this.#isSentAgain = true;
    this.send();
  }

  #tell(): void {
    for (const tell of this.#whenSent ?? []) tell();
    this.#whenSent = undefined;
  }

  /**
   * An ICMP error is a failure like that of a connection (RFC 3261 section 18.4). With a single server it is not asked for: that may
   * just be starting again, and gets its copies.
   */
  #watch(target: Target): void {
    const isUnanswered = (): boolean => !this.#isOver && this.isRetransmitted;
    const ask = async (): Promise<void> => {
      if (!isUnanswered() || !(await this.owner.sender.isClosed(target)) || !isUnanswered()) return;
      this.onUnsent(new Error(`Nobody listens at ${targetName(target)}`));
    };
    const timer = setTimeout(() => void ask(), firstWaitMs());
    this.#forget = () => clearTimeout(timer);
  }
}

function ignore(): void {
  // nothing depends on it
}
