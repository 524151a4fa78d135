import { DEFAULT_LIMITS } from '../message/parser/index.js';
import type { StreamFault } from './transport.js';

/** A part of a stream. */
export type Frame =
  | { readonly type: 'message'; readonly message: Buffer }
  /** The peer's keep-alive, to be answered by CRLF (RFC 5626 section 3.5.1); pings that arrive together count as one. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** Nothing after this can be read. */
  | { readonly type: 'fault'; readonly fault: StreamFault };

/** Limits of what a peer may make us buffer, in bytes. */
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
/** A value may continue in lines that begin with white space (RFC 3261 section 7.3.1). */
const CONTENT_LENGTH = /\r\n(?:content-length|l)[ \t]*:((?:[^\r]|\r(?!\n)|\r\n[ \t])*)/gi;

/** Cuts a stream into messages by their Content-Length (RFC 3261 section 18.3), in whatever pieces the stream arrives. */
export class StreamFraming {
  /** Bytes of an incomplete message; the buffer is larger than its content. */
  #kept = Buffer.alloc(0);
  #keptLength = 0;
  /** Total length of the incomplete message; 0 until its header is complete. */
  #messageLength = 0;
  #blankLines = 0;
  #expectsPong = false;
  #hasPing = false;
  #isBroken = false;

  constructor(private readonly limits: FramingLimits = DEFAULT_FRAMING_LIMITS) {}

  /** While our ping is unanswered, a blank line is its answer, not the first half of a ping from the peer. */
  expectPong(isExpected: boolean): void {
    this.#expectsPong = isExpected;
  }

  /** Whether a message has begun and not ended. */
  get isInMessage(): boolean {
    return this.#keptLength > 0 && !this.#isBroken;
  }

  /** Takes received data. The returned messages stay valid. */
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
   * @returns start of the incomplete message; beyond the end if there is none
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

  /** Skips one blank line before a message (RFC 3261 section 7.5), two between messages are a keep-alive. */
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

  /** Discards what follows. */
  #break(frames: Frame[], status: StreamFault['status'], reason: string, head?: Buffer): number {
    this.#isBroken = true;
    frames.push({ type: 'fault', fault: head ? { status, reason, head } : { status, reason } });
    return Infinity;
  }

  /** In a new buffer: the messages cut out of the old one stay valid. */
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

/** Whether only the first half of a line break has arrived. */
function isHalfBlankLine(data: Buffer, position: number): boolean {
  return data[position] === CR && position + 1 === data.length;
}

/** The Content-Length of a header, or what is wrong with it. Without a length nobody can tell where the next message begins. */
function contentLength(head: Buffer): number | string {
  const fields = [...head.toString('latin1').matchAll(CONTENT_LENGTH)];
  const values = new Set(fields.map(([, value = '']) => value.trim()));
  const [value] = values;
  if (value === undefined) return 'Missing Content-Length';
  if (values.size > 1) return 'Contradictory Content-Length';
  return /^\d{1,10}$/.test(value) ? Number(value) : 'Bad Content-Length';
}
