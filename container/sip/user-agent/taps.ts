import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import type { TraceLog, WireMessage } from '../../../sdk/index.js';
import { flat } from '../message/parser/flat.js';

/** `text` returns the whole message with credentials masked; call it only while the listener runs. */
type Listener = (message: WireMessage, text: () => string) => void;

const MAX_SHARED = 1_000;
/** What stands before a value in a message that the stack has printed, with long names and one space. */
const CALL_ID = '\r\nCall-ID: ';
const CSEQ = '\r\nCSeq: ';
/** Header fields with credentials. */
const CREDENTIALS = /^((?:proxy-)?authorization *:).*(?:\r\n[ \t].*)*/gim;
/** The PIN of a conference, in a header field of the message or of a URI. */
const PINS = /(\bx-confpin *(?:[=:]|%3d) *)[^\s;&>?]*/gi;
/** The password in a URI. */
const PASSWORDS = /(\bsips?:[^\s@;:<>"]+:)[^\s@;:<>"]+(?=@)/gi;

/** Passes the messages of a call to its listener, and those without a listener to the log. */
export class Taps {
  readonly #taps = new Map<string, Listener>();
  readonly #texts = new SharedTexts();

  constructor(private readonly log: TraceLog) {}

  add(callId: string, onMessage: Listener): void {
    this.#taps.set(callId, onMessage);
  }

  remove(callId: string): void {
    this.#taps.delete(callId);
  }

  /** @param isCopy whether the same text was shown before */
  sent(text: string, isCopy: boolean): void {
    const tap = this.#taps.size === 0 ? undefined : this.#taps.get(valueAfter(CALL_ID, text));
    if (!tap) return this.#trace('out', text);
    if (!isCopy) this.#show(tap, 'out', startLine(text), valueAfter(CSEQ, text), text);
  }

  received({ callId, cseq, method, data }: RequestMessage | ResponseMessage, text: Buffer): void {
    const tap = this.#taps.get(callId);
    if (tap) this.#show(tap, 'in', startLine(data), `${cseq} ${method}`, text);
    else this.#trace('in', text);
  }

  #show(tap: Listener, direction: WireMessage['direction'], line: string, cseq: string, text: string | Buffer): void {
    const message = { direction, startLine: this.#texts.copyOf(line), cseq: this.#texts.copyOf(cseq) };
    tap(message, () => masked(text.toString()));
  }

  #trace(direction: WireMessage['direction'], text: string | Buffer): void {
    if (this.log.isTraced) this.log.trace('SIP message', { direction, text: masked(text.toString()) });
  }
}

/** One copy of each recent start line and CSeq, since few different ones occur. A slice would keep the whole message in memory. */
class SharedTexts {
  readonly #known = new Map<string, string>();

  copyOf(slice: string): string {
    const known = this.#known.get(slice);
    if (known !== undefined) return known;
    const copy = flat(slice);
    if (this.#known.size === MAX_SHARED) this.#known.clear();
    this.#known.set(copy, copy);
    return copy;
  }
}

function startLine(text: string): string {
  return text.slice(0, text.indexOf('\r\n'));
}

/** Value of a header field in a message that the stack has printed. */
function valueAfter(name: string, text: string): string {
  const at = text.indexOf(name);
  return at < 0 ? '' : text.slice(at + name.length, text.indexOf('\r\n', at + 2));
}

function masked(text: string): string {
  return text.replace(CREDENTIALS, '$1 …').replace(PINS, '$1…').replace(PASSWORDS, '$1…');
}
