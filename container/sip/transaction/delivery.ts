import { targetName } from '../location/resting.js';
import type { Destination } from '../location/destination.js';
import { type Connection, COPY, type Delivery, type Target } from '../transport/transport.js';
import { firstWaitMs } from './timers.js';

/** What client transactions need from the sockets. */
export interface ClientTransport {
  sendRequest(request: string, target: Target, delivery?: Delivery): void;
  /** Whether the target's system says (by ICMP) that nobody listens there. */
  isClosed(target: Target): Promise<boolean>;
  /** A request was not sent: its server was not found, or could not be reached. */
  onUnsent(request: string, error: Error): void;
  /** The transaction needs this connection from now on; undefined over UDP. */
  onConnection(connection: Connection | undefined): void;
}

/** What an ACK needs from the sockets. */
export type AckTransport = Pick<ClientTransport, 'sendRequest' | 'onUnsent'> & Partial<ClientTransport>;

/** Callbacks for the outcome of a delivery. A failure is never reported during the call that causes it. */
export interface DeliveryUser {
  onSent(isReliable: boolean): void;
  /** The request can no longer be answered. */
  onFailure(): void;
}

/**
 * Sends a request to its server: over UDP whenever the transaction says so; over a connection once more when that is lost, because nobody
 * can tell whether the request has arrived.
 */
export class RequestDelivery implements Delivery {
  #whenSent: (() => void)[] | undefined;
  #isSent = false;
  #isOver = false;
  #failure: Error | undefined;
  /** Whether it was sent again since its last response. */
  #isSentAgain = false;
  /** Stops watching for the loss of the connection, or cancels the probe of the port. */
  #forget: () => void = ignore;

  /** @param text of the request; dropped after the last transmission, because the transaction may live much longer */
  constructor(
    private text: string,
    private readonly destination: Destination,
    private readonly transport: ClientTransport,
    private readonly user: DeliveryUser,
  ) {}

  /** Whether the same text was sent on a connection that was lost. */
  get isCopy(): boolean {
    return this.#isSentAgain;
  }

  /** Settles when the request was sent, or is no longer wanted. */
  get sent(): Promise<void> {
    return new Promise((resolve, reject) => {
      const tell = (): void => (this.#failure && !this.#isSent ? reject(this.#failure) : resolve());
      if (this.#isSent || this.#isOver) tell();
      else (this.#whenSent ??= []).push(tell);
    });
  }

  /** Sends the request, at once if its server is known. */
  send(): void {
    this.destination.locate(
      (target) => {
        if (!this.#isOver) this.transport.sendRequest(this.text, target, this);
      },
      (error) => this.onUnsent(error),
    );
  }

  /** Sends a copy; its outcome does not matter. */
  repeat(): void {
    this.destination.locate((target) => {
      if (!this.#isOver) this.transport.sendRequest(this.text, target, COPY);
    }, ignore);
  }

  onSent(target: Target, connection?: Connection): void {
    this.transport.onConnection(connection);
    this.destination.took(target);
    this.#isSent = true;
    this.#tell();
    if (this.#isOver) return; // answered meanwhile
    if (connection) this.#forget = connection.whenLost((error) => this.#sendAgain(error));
    else if (this.destination.hasOther) this.#watch(target);
    this.user.onSent(connection !== undefined);
  }

  onUnsent(error: Error): void {
    if (this.#isOver) return;
    this.transport.onUnsent(this.text, error);
    this.#fail(error);
  }

  /** A provisional response came, so the server is up. */
  heard(isOverUdp: boolean): void {
    this.#isSentAgain = false;
    if (isOverUdp) this.#forget();
  }

  /** The request was answered, or given up. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.text = '';
    this.#forget();
    this.#tell();
  }

  #sendAgain(error: Error): void {
    if (this.#isOver) return;
    if (this.#isSentAgain) return this.#fail(error);
    this.#isSentAgain = true;
    this.send();
  }

  /** In a turn of its own: the constructor of the transaction may still be running. */
  #fail(error: Error): void {
    this.#failure = error;
    this.stop();
    queueMicrotask(() => this.user.onFailure());
  }

  #tell(): void {
    for (const tell of this.#whenSent ?? []) tell();
    this.#whenSent = undefined;
  }

  /**
   * An ICMP error counts as a failure, like that of a connection (RFC 3261 section 18.4). A single server is not probed: it may be
   * restarting, and gets the retransmissions.
   */
  #watch(target: Target): void {
    let isHeard = false;
    const ask = async (): Promise<void> => {
      if (!(await this.transport.isClosed(target)) || isHeard) return;
      this.onUnsent(new Error(`Nobody listens at ${targetName(target)}`));
    };
    const timer = setTimeout(() => void ask(), firstWaitMs());
    this.#forget = () => {
      isHeard = true;
      clearTimeout(timer);
    };
  }
}

/** Sends an ACK. If the ACK is lost, the response comes again, and its ACK is repeated. */
export function sendAck(text: string, destination: Destination, transport: AckTransport, isCopy = false): void {
  const onUnsent = (error: Error): void => transport.onUnsent(text, error);
  destination.locate((target) => {
    transport.sendRequest(text, target, {
      isCopy,
      onSent: (_target, connection) => transport.onConnection?.(connection),
      onUnsent,
    });
  }, onUnsent);
}

function ignore(): void {
  // nothing to do
}
