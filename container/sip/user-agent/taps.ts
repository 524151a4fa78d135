import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { WireMessage } from '../../../sdk/index.js';
import { flat } from '../message/parser/flat.js';

interface Tap {
  readonly onMessage: (message: WireMessage) => void;
  /** What was sent last: a retransmission is the same text. */
  sent: string;
}

const MAX_LINES = 1_000;
/** Credentials, and what could be answered in their place. */
const SECRETS = /^((?:proxy-)?authorization *:).*(?:\r\n[ \t].*)*/gim;

/** Shows the messages of single calls to those who follow them. */
export class Taps {
  readonly #taps = new Map<string, Tap>();
  readonly #lines = new SharedLines();

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
    this.#show(tap, 'out', this.#lines.firstOf(text), flat(valueOf('CSeq', text)), text);
  }

  received({ callId, cseq, method, data }: RequestMessage | ResponseMessage, text: Buffer): void {
    const tap = this.#taps.get(callId);
    if (tap) this.#show(tap, 'in', this.#lines.firstOf(data), `${cseq} ${method}`, text);
  }

  #show(tap: Tap, direction: WireMessage['direction'], startLine: string, cseq: string, text: string | Buffer): void {
    tap.onMessage({ direction, startLine, cseq, ...(this.showsText && { text: masked(text.toString()) }) });
  }
}

/** One copy of each start line that was seen lately: most messages have one of a few. A slice would keep the whole message in memory. */
class SharedLines {
  readonly #known = new Map<string, string>();

  /** The start line of a message. */
  firstOf(text: string): string {
    const slice = text.slice(0, text.indexOf('\r\n'));
    const known = this.#known.get(slice);
    if (known !== undefined) return known;
    const line = flat(slice);
    if (this.#known.size === MAX_LINES) this.#known.clear();
    this.#known.set(line, line);
    return line;
  }
}

/** Value of a header field in a text that the stack has printed: long form, one space. */
function valueOf(name: string, text: string): string {
  const at = text.indexOf(`\r\n${name}: `);
  return at < 0 ? '' : text.slice(at + name.length + 4, text.indexOf('\r\n', at + 2));
}

function masked(text: string): string {
  return text.replace(SECRETS, '$1 …');
}
