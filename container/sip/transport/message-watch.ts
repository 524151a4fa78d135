import type { Source, Target } from './transport.js';

/** Why a message, or a peer, was not heard. */
export type DropReason = 'malformed' | 'brokenStream' | 'connectionRefused' | 'strayResponse' | 'strayAck' | 'failed';

/** What a message is, once it is parsed. */
export interface Received {
  readonly method: string;
  /** Undefined: it is a request. */
  readonly status: number | undefined;
  readonly callId: string;
}

/** Sees each SIP message as it passes, to count and to trace. It is called at every message, so it has to be quick. */
export interface MessageWatch {
  /** @param isCopy the same text was sent before, and no answer has come, or the message that it answers came again */
  onSent(text: string, target: Pick<Target, 'transport' | 'address' | 'port'>, isCopy: boolean): void;
  /** @param text to be read until the callback returns */
  onReceived(message: Received, text: Buffer, source: Source): void;
  onDropped(reason: DropReason): void;
  /** A request was not handed over: no server was found, or none could be reached. */
  onUnsent(): void;
}

const nothing = (): void => undefined;

/** Looks away. */
export const NO_WATCH: MessageWatch = { onSent: nothing, onReceived: nothing, onDropped: nothing, onUnsent: nothing };
