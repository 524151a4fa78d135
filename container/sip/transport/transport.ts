import type { RemoteInfo } from 'node:dgram';

/** A transport as the Via names it. */
export type Protocol = 'UDP' | 'TCP' | 'TLS';

/** Where a message goes, after all names have been looked up. */
export interface Target {
  readonly transport: Protocol;
  /** IP address, without brackets. */
  readonly address: string;
  readonly port: number;
  /** The name that the target was found by: the certificate of a TLS server must be for it (RFC 5922 section 7). */
  readonly host: string;
}

/** Where a message came from. */
export interface Source extends Pick<RemoteInfo, 'address' | 'port'> {
  readonly transport: Protocol;
  /** The connection it came on; undefined over UDP. */
  readonly connection?: Connection | undefined;
}

/** Where a request came from, and where its responses go when they do not go on its connection. */
export interface Origin extends Source {
  readonly replyPort: number;
  /** The sent-by host of its Via, without brackets. */
  readonly sentByHost: string;
}

/** Is told how the sending of a message went. No promise: one for each datagram would cost more than the datagram. */
export interface Delivery {
  /** The same text was sent before; by default it was not. */
  readonly isCopy?: boolean;
  /**
   * The system has taken it.
   * @param connection undefined over UDP: the message may be lost, and is to be sent again until it is answered (RFC 3261 section 17)
   */
  onSent(target: Target, connection?: Connection): void;
  /** It could not be handed over. */
  onUnsent(error: Error): void;
}

/** The delivery of a copy, whose fate nobody asks for. */
export const COPY: Delivery = { isCopy: true, onSent: () => undefined, onUnsent: () => undefined };

/** A connection of a reliable transport, as those see it who send and receive on it. */
export interface Connection {
  readonly isOpen: boolean;
  /** Settles when the system has taken the message. @throws Error when the connection is lost, or the peer does not read */
  send(text: string): Promise<void>;
  /** Calls back, once, when the connection is lost, at once where it is already. @returns a function that takes the wish back */
  whenLost(callback: (error: Error) => void): () => void;
  /** A call needs the connection: it is kept alive and not closed for being idle. @returns a function that lets it go */
  hold(): () => void;
}

/** Why a stream cannot be followed any further, with what its peer is told where that is possible. */
export interface StreamFault {
  readonly status: 400 | 513;
  readonly reason: string;
  /** The header of the message at which it happened, where it is known. */
  readonly head?: Buffer;
}

/** Who gets what arrives. The buffer may be used until the callback returns. */
export interface Receiver {
  /** One message: a datagram, or what a stream's framing cut out. */
  onMessage(message: Buffer, source: Source): void;
  /** The connection is closed after this, once what is written meanwhile has gone out. */
  onFault(fault: StreamFault, source: Source): void;
  /** Whether an address is one of the domain's own proxy, for which there is always room. */
  isProxy(address: string): boolean;
  /** A peer wanted to connect and may not, for example because it does not speak TLS. */
  onRefusal(reason: string, address: string): void;
  /** A socket as a whole failed: nothing arrives any more. */
  onError(error: Error): void;
}

/** One way of carrying messages: UDP, TCP or TLS. */
export interface Transport {
  readonly protocol: Protocol;
  /** The port that it listens on. */
  readonly port: number;
  /** Connections that are open or being opened; 0 over UDP. */
  readonly connections: number;
  send(text: string, target: Target, delivery?: Delivery): void;
  close(): Promise<void>;
}
