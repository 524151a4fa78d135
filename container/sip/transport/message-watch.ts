import type { Source, Target } from './transport.js';

/** Why a message or a peer was refused. */
export type DropReason = 'malformed' | 'brokenStream' | 'connectionRefused' | 'strayResponse' | 'strayAck' | 'failed';

/** The kind of a parsed message. */
export interface Received {
  readonly method: string;
  /** Undefined in a request. */
  readonly status: number | undefined;
  readonly callId: string;
}

/** Sees each SIP message, to count and trace it. Called for every message, so it has to be quick. */
export interface MessageWatch {
  /** @param isCopy whether the same text was sent before: a retransmission */
  onSent(text: string, target: Pick<Target, 'transport' | 'address' | 'port'>, isCopy: boolean): void;
  /** @param text valid until the callback returns */
  onReceived(message: Received, text: Buffer, source: Source): void;
  onDropped(reason: DropReason): void;
  /** A request could not be sent: no server was found, or none could be reached. */
  onUnsent(): void;
}

const nothing = (): void => undefined;

/** Ignores all messages. */
export const NO_WATCH: MessageWatch = { onSent: nothing, onReceived: nothing, onDropped: nothing, onUnsent: nothing };
