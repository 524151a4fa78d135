import type { IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { WireMessage } from '../../../sdk/index.js';

interface Tap {
  readonly onMessage: (message: WireMessage) => void;
  /** What was sent last: a retransmission is the same text. */
  sent: string;
}

const CALL_ID = /^Call-ID: *([^\r\n]+)/im;
const CSEQ = /^CSeq: *([^\r\n]+)/im;
/** Credentials, and what could be answered in their place. */
const SECRETS = /^((?:proxy-)?authorization *:).*(?:\r\n[ \t].*)*/gim;

/** Shows the messages of single calls to those who follow them. */
export class Taps {
  readonly #taps = new Map<string, Tap>();

  /** @param showsText whether they see the messages as a whole */
  constructor(private readonly showsText: boolean) {}

  add(callId: string, onMessage: (message: WireMessage) => void): void {
    this.#taps.set(callId, { onMessage, sent: '' });
  }

  remove(callId: string): void {
    this.#taps.delete(callId);
  }

  sent(text: string): void {
    if (this.#taps.size === 0) return;
    const tap = this.#taps.get(CALL_ID.exec(text)?.[1] ?? '');
    if (!tap || tap.sent === text) return;
    tap.sent = text;
    this.#show(tap, 'out', firstLine(text), CSEQ.exec(text)?.[1] ?? '', text);
  }

  received({ callId, cseq, method }: IncomingRequestMessage | IncomingResponseMessage, text: Buffer): void {
    const tap = this.#taps.get(callId);
    if (tap) this.#show(tap, 'in', firstLine(text), `${cseq} ${method}`, text);
  }

  #show(tap: Tap, direction: WireMessage['direction'], startLine: string, cseq: string, text: string | Buffer): void {
    tap.onMessage({ direction, startLine, cseq, ...(this.showsText && { text: masked(text.toString()) }) });
  }
}

/** With a memory of its own: a part of a text keeps the whole of it. */
function firstLine(text: string | Buffer): string {
  const end = text.indexOf('\r\n');
  return Buffer.from(text.slice(0, end < 0 ? undefined : end)).toString();
}

function masked(text: string): string {
  return text.replace(SECRETS, '$1 …');
}
