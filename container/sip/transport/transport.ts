import type { RemoteInfo } from 'node:dgram';

/** A transport as the Via names it. */
export type Protocol = 'UDP' | 'TCP' | 'TLS';

/** The destination of a message, after all names have been looked up. */
export interface Target {
  readonly transport: Protocol;
  /** IP address, without brackets. */
  readonly address: string;
  readonly port: number;
  /** The name that the target was found by; the certificate of a TLS server must match it (RFC 5922 section 7). */
  readonly host: string;
}

/** Where a message came from. */
export interface Source extends Pick<RemoteInfo, 'address' | 'port'> {
  readonly transport: Protocol;
  /** The connection of the message; undefined over UDP. */
  readonly connection?: Connection | undefined;
}

/** Where a request came from, and where its responses go if not on its connection. */
export interface Origin extends Source {
  readonly replyPort: number;
  /** The sent-by host of its Via, without brackets. */
  readonly sentByHost: string;
}

/** Callbacks for the outcome of sending a message. Not a promise, because one for each datagram would cost more than the datagram. */
export interface Delivery {
  /** Whether the same text was sent before; by default not. */
  readonly isCopy?: boolean;
  /**
   * The system has accepted the message.
   * @param connection undefined over UDP: the message may be lost, and is retransmitted until answered (RFC 3261 section 17)
   */
  onSent(target: Target, connection?: Connection): void;
  /** The message could not be sent. */
  onUnsent(error: Error): void;
}

/** For a retransmission: the outcome does not matter. */
export const COPY: Delivery = { isCopy: true, onSent: () => undefined, onUnsent: () => undefined };

/** A connection of a reliable transport. */
export interface Connection {
  readonly isOpen: boolean;
  /** Settles when the system has accepted the message. @throws Error when the connection is lost, or the peer does not read */
  send(text: string): Promise<void>;
  /** Calls back once, when the connection is lost; at once if it is lost already. @returns unsubscribes */
  whenLost(callback: (error: Error) => void): () => void;
  /** A call needs the connection: keeps it alive, and open even when idle. @returns releases the connection */
  hold(): () => void;
}

/** Why a stream cannot be read any further, and what its peer is answered. */
export interface StreamFault {
  readonly status: 400 | 513;
  readonly reason: string;
  /** The header of the offending message, if known. */
  readonly head?: Buffer;
}

/** Receives what arrives. A buffer is valid until the callback returns. */
export interface Receiver {
  /** One message: a datagram, or one message of a stream. */
  onMessage(message: Buffer, source: Source): void;
  /** The connection closes after this call, once data written by then has gone out. */
  onFault(fault: StreamFault, source: Source): void;
  /** Whether the address belongs to the domain's own proxy, whose connections are always accepted. */
  isProxy(address: string): boolean;
  /** A connection of a peer was refused, for example because the peer does not speak TLS. */
  onRefusal(reason: string, address: string): void;
  /** A listening socket failed: nothing arrives any more. */
  onError(error: Error): void;
}

/** Carries messages over UDP, TCP or TLS. */
export interface Transport {
  readonly protocol: Protocol;
  /** The listening port. */
  readonly port: number;
  /** Connections that are open or opening; 0 over UDP. */
  readonly connections: number;
  send(text: string, target: Target, delivery?: Delivery): void;
  close(): Promise<void>;
}
