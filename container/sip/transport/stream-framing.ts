import { DEFAULT_LIMITS } from '../message/parser/index.js';
import type { StreamFault } from './transport.js';

/** What a stream is made of. */
export type Frame =
  | { readonly type: 'message'; readonly message: Buffer }
  /** The peer's keep-alive, to be answered by CRLF (RFC 5626 section 3.5.1); any number of them that arrive together is one. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** Nothing after this can be made out. */
  | { readonly type: 'fault'; readonly fault: StreamFault };

/** What a peer may make us keep, in bytes. */
export interface FramingLimits {
  readonly maxHeadBytes: number;
  readonly maxMessageBytes: number;
}

export const DEFAULT_FRAMING_LIMITS: FramingLimits = {
  maxHeadBytes: 32 * 1024,
  maxMessageBytes: DEFAULT_LIMITS.maxMessageBytes,
};

const CR = 0x0d;
const LF = 0x0a;
const HEAD_END = '\r\n\r\n';
/** A field's value may go on in lines that begin with white space (RFC 3261 section 7.3.1). */
const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:((?:[^\r]|\r(?!\n)|\r\n[ \t])*)/gi;

/** Cuts a stream into messages by their Content-Length (RFC 3261 section 18.3), whatever pieces it arrives in. */
export class StreamFraming {
  /** Bytes of a message that is not complete; the buffer is larger than what it holds. */
  #kept = Buffer.alloc(0);
  #keptLength = 0;
  /** What the kept message has in all; 0 while its header is not complete. */
  #messageLength = 0;
  #blankLines = 0;
  #expectsPong = false;
  #hasPing = false;
  #isBroken = false;

  constructor(private readonly limits: FramingLimits = DEFAULT_FRAMING_LIMITS) {}

  /** While a ping is out, the next blank line answers it, and is not the first half of the peer's own. */
  expectPong(isExpected: boolean): void {
    this.#expectsPong = isExpected;
  }

  /** The beginning of a message is there, and not its end. */
  get isInMessage(): boolean {
    return this.#keptLength > 0 && !this.#isBroken;
  }

  /** Takes what has arrived. The messages it returns stay as they are. */
  push(chunk: Buffer): Frame[] {
    if (this.#isBroken) return [];
    const searched = this.#messageLength > 0 ? 0 : Math.max(0, this.#keptLength - HEAD_END.length + 1);
    if (this.#keptLength > 0) this.#keep(chunk);
    if (this.#keptLength < this.#messageLength) return [];
    const data = this.#keptLength > 0 ? this.#kept.subarray(0, this.#keptLength) : chunk;
    const frames: Frame[] = [];
    this.#hasPing = false;
    const rest = this.#cut(data, searched, frames);
    if (data === chunk || rest > 0) this.#keepOnly(data.subarray(rest));
    return frames;
  }

  /**
   * @param searched up to here there is no end of a header
   * @returns where the message begins that is not complete; beyond the end where there is none
   */
  #cut(data: Buffer, searched: number, frames: Frame[]): number {
    let from = searched;
    for (let position = 0; ; from = position) {
      position = this.#skipBlankLines(data, position, frames);
      this.#messageLength = 0;
      if (position >= data.length || isHalfBlankLine(data, position)) return position;
      this.#blankLines = 0;
      const headEnd = data.indexOf(HEAD_END, Math.max(from, position));
      const headLength = (headEnd === -1 ? data.length : headEnd + HEAD_END.length) - position;
      if (headLength > this.limits.maxHeadBytes) return this.#break(frames, 513, 'Header Too Large');
      if (headEnd === -1) return position;

      const head = data.subarray(position, position + headLength);
      const bodyLength = contentLength(head);
      if (typeof bodyLength === 'string') return this.#break(frames, 400, bodyLength, head);
      this.#messageLength = headLength + bodyLength;
      if (this.#messageLength > this.limits.maxMessageBytes) return this.#break(frames, 513, 'Message Too Large', head);
      if (position + this.#messageLength > data.length) return position;
      frames.push({ type: 'message', message: data.subarray(position, position + this.#messageLength) });
      position += this.#messageLength;
    }
  }

  /** One blank line before a message means nothing (RFC 3261 section 7.5), two between messages are a keep-alive. */
  #skipBlankLines(data: Buffer, start: number, frames: Frame[]): number {
    let position = start;
    for (; data[position] === CR && data[position + 1] === LF; position += 2) {
      if (this.#expectsPong) {
        this.#expectsPong = false;
        frames.push({ type: 'pong' });
      } else if (this.#blankLines === 1) {
        this.#blankLines = 0;
        if (!this.#hasPing) frames.push({ type: 'ping' });
        this.#hasPing = true;
      } else {
        this.#blankLines = 1;
      }
    }
    return position;
  }

  /** What follows is thrown away. */
  #break(frames: Frame[], status: StreamFault['status'], reason: string, head?: Buffer): number {
    this.#isBroken = true;
    frames.push({ type: 'fault', fault: head ? { status, reason, head } : { status, reason } });
    return Infinity;
  }

  /** In a buffer of its own: the messages that were cut out of the old one stay as they are. */
  #keepOnly(rest: Buffer): void {
    this.#kept = Buffer.alloc(0);
    this.#keptLength = 0;
    if (rest.length > 0) this.#keep(rest);
  }

  /** The buffer doubles, so that a message that arrives byte by byte is not copied each time. */
  #keep(chunk: Buffer): void {
    const length = this.#keptLength + chunk.length;
    if (length > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * length, 1024));
      this.#kept.copy(larger, 0, 0, this.#keptLength);
      this.#kept = larger;
    }
    chunk.copy(this.#kept, this.#keptLength);
    this.#keptLength = length;
  }
}

/** A line break of which only the first half has arrived. */
function isHalfBlankLine(data: Buffer, position: number): boolean {
  return data[position] === CR && position + 1 === data.length;
}

/** The length that a header names, or what is wrong with it: without one a stream has no second message. */
function contentLength(head: Buffer): number | string {
  const fields = [...head.toString('latin1').matchAll(CONTENT_LENGTH)];
  const values = new Set(fields.map(([, value = '']) => value.trim()));
  const [value] = values;
  if (value === undefined) return 'Missing Content-Length';
  if (values.size > 1) return 'Contradictory Content-Length';
  return /^\d{1,10}$/.test(value) ? Number(value) : 'Bad Content-Length';
}
