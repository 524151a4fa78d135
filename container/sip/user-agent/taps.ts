import type { IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { WireMessage } from '../../../sdk/index.js';

interface Tap {
  readonly onMessage: (message: WireMessage) => void;
  /** What was sent last: a retransmission is the same text. */
  sent: string;
}

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
    const tap = this.#taps.get(valueOf('Call-ID', text));
    if (!tap || tap.sent === text) return;
    tap.sent = text;
    const startLine = text.slice(0, text.indexOf('\r\n'));
    this.#show(tap, 'out', copyOf(startLine), copyOf(valueOf('CSeq', text)), text);
  }

  received({ callId, cseq, method }: IncomingRequestMessage | IncomingResponseMessage, text: Buffer): void {
    const tap = this.#taps.get(callId);
    if (tap) this.#show(tap, 'in', text.toString('utf8', 0, text.indexOf('\r\n')), `${cseq} ${method}`, text);
  }

  #show(tap: Tap, direction: WireMessage['direction'], startLine: string, cseq: string, text: string | Buffer): void {
    tap.onMessage({ direction, startLine, cseq, ...(this.showsText && { text: masked(text.toString()) }) });
  }
}

/** Value of a header field in a text that the stack has printed: long form, one space. */
function valueOf(name: string, text: string): string {
  const at = text.indexOf(`\r\n${name}: `);
  return at < 0 ? '' : text.slice(at + name.length + 4, text.indexOf('\r\n', at + 2));
}

/** A slice keeps the whole text that it was cut from in memory; a copy does not. */
function copyOf(slice: string): string {
  return Buffer.from(slice).toString();
}

function masked(text: string): string {
  return text.replace(SECRETS, '$1 …');
}
