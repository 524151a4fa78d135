import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { TraceLog, WireMessage } from '../../../sdk/index.js';
import { flat } from '../message/parser/flat.js';

/** `text` returns the whole message with credentials masked; call it only while the listener runs. */
type Listener = (message: WireMessage, text: () => string) => void;

const MAX_LINES = 1_000;
/** Header fields with credentials. */
const CREDENTIALS = /^((?:proxy-)?authorization *:).*(?:\r\n[ \t].*)*/gim;
/** The PIN of a conference, in a header field of the message or of a URI. */
const PINS = /(\bx-confpin *(?:[=:]|%3d) *)[^\s;&>?]*/gi;
/** The password in a URI. */
const PASSWORDS = /(\bsips?:[^\s@;:<>"]+:)[^\s@;:<>"]+(?=@)/gi;

/** Passes the messages of a call to its listener, and those without a listener to the log. */
export class Taps {
  readonly #taps = new Map<string, Listener>();
  readonly #lines = new SharedLines();

  constructor(private readonly log: TraceLog) {}

  add(callId: string, onMessage: Listener): void {
    this.#taps.set(callId, onMessage);
  }

  remove(callId: string): void {
    this.#taps.delete(callId);
  }

  /** @param isCopy whether the same text was shown before */
  sent(text: string, isCopy: boolean): void {
    const tap = this.#taps.size === 0 ? undefined : this.#taps.get(valueOf('Call-ID', text));
    if (!tap) return this.#trace('out', text);
    if (!isCopy) show(tap, 'out', this.#lines.firstOf(text), flat(valueOf('CSeq', text)), text);
  }

  received({ callId, cseq, method, data }: RequestMessage | ResponseMessage, text: Buffer): void {
    const tap = this.#taps.get(callId);
    if (tap) show(tap, 'in', this.#lines.firstOf(data), `${cseq} ${method}`, text);
    else this.#trace('in', text);
  }

  #trace(direction: WireMessage['direction'], text: string | Buffer): void {
    if (this.log.isTraced) this.log.trace('SIP message', { direction, text: masked(text.toString()) });
  }
}

function show(
  tap: Listener,
  direction: WireMessage['direction'],
  startLine: string,
  cseq: string,
  text: string | Buffer,
): void {
  tap({ direction, startLine, cseq }, () => masked(text.toString()));
}

/** One copy of each recent start line, since few different ones occur. A slice would keep the whole message in memory. */
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

/** Value of a header field in a message that the stack has printed, with long names and one space. */
function valueOf(name: string, text: string): string {
  const at = text.indexOf(`\r\n${name}: `);
  return at < 0 ? '' : text.slice(at + name.length + 4, text.indexOf('\r\n', at + 2));
}

function masked(text: string): string {
  return text.replace(CREDENTIALS, '$1 …').replace(PINS, '$1…').replace(PASSWORDS, '$1…');
}
