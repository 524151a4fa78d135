import { randomInt } from 'node:crypto';
import type { Body } from '../../sdk/index.js';
import { NO_PORT, type Silence, silentAnswer } from './silent-answer.js';

const SDP = 'application/sdp';
const AUDIO = [`m=audio ${NO_PORT} RTP/AVP 0 8`, 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000'].join('\r\n');
/** Behind each line, however it ends. */
const LINE_END = /(?<=\n|\r(?!\n))/;
const SDP_LINE = /^[a-z]=/;
const DIRECTION = /^a=(?:sendrecv|sendonly|recvonly|inactive)$/;

/** How far the version of a restored origin lies above the stored one: the former owner may have sent descriptions since. */
const VERSION_LEAP = 256;

/** What the descriptions of one leg have in common, as plain data. */
export interface SessionSnapshot {
  readonly sessionId: number;
  readonly version: number;
  /** The address that the origin names. */
  readonly host: string;
  readonly silence: Silence;
}

/**
 * The session descriptions of the controller on one leg. It takes no media: its own descriptions are silent, and those passed on from the
 * other leg differ only in the origin line. The origin keeps its session id, and its version rises by one with each description (RFC 3264
 * section 8).
 */
export class LegSession {
  readonly #sessionId: number;
  readonly #address: string;
  #version: number;

  /**
   * @param silence how its own descriptions say that no media comes
   * @param origin session id and version of the latest description; by default there was none
   */
  constructor(
    private readonly host: string,
    private readonly silence: Silence = 'inactive',
    { sessionId = randomInt(2 ** 47), version = 0 }: Partial<Pick<SessionSnapshot, 'sessionId' | 'version'>> = {},
  ) {
    this.#sessionId = sessionId;
    this.#version = version;
    this.#address = `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
  }

  /** Goes on with the origin of another process: all of it but the version has to stay (RFC 3264 section 8). */
  static restore({ sessionId, version, host, silence }: SessionSnapshot): LegSession {
    return new LegSession(host, silence, { sessionId, version: version + VERSION_LEAP });
  }

  snapshot(): SessionSnapshot {
    return { sessionId: this.#sessionId, version: this.#version, host: this.host, silence: this.silence };
  }

  /** For another dialog of the same INVITE, with an origin of its own. */
  fork(): LegSession {
    return new LegSession(this.host, this.silence);
  }

  /** One silent audio line. Common telephones refuse an offer without any line. */
  offerSilence(): Body {
    return this.#describe(`${AUDIO}\r\na=${this.silence}\r\n`);
  }

  /** No line at all, as RFC 3725 section 4.4 has it. */
  offerWithoutMedia(): Body {
    return this.#describe('');
  }

  /** Answers a telephone's own offer: its audio lines silent, every other line declined with port 0. */
  answerSilence(offer: string): Body {
    return this.#describe(silentAnswer(offer, this.silence));
  }

  /** Takes a change of the session that a telephone asks for: answers its offer, or offers where it made none. */
  respond(offer: string | undefined): Body {
    return offer === undefined ? this.offerSilence() : this.answerSilence(offer);
  }

  /**
   * The other party's description, with an origin of this leg. Lines that are not SDP (RFC 4566 section 5) are left out: a telephone's
   * Contact may point to something other than a SIP server, where such a line could be a command.
   */
  carry(description: string): Body {
    const lines = description.split(LINE_END).filter((line) => SDP_LINE.test(line));
    return { contentType: SDP, content: lines.join('').replace(/^o=[^\r\n]*/m, `o=${this.#nextOrigin()}`) };
  }

  /** The other party's description, with every line inactive: this leg is put on hold (RFC 3264 section 8.4). */
  carryOnHold(description: string): Body {
    const [session = '', ...media] = description.split(/(?=^m=)/m);
    const held = media.map((section) => `${withoutDirection(section).trimEnd()}\r\na=inactive\r\n`);
    return this.carry(withoutDirection(session) + held.join(''));
  }

  #describe(media: string): Body {
    const session = `v=0\r\no=${this.#nextOrigin()}\r\ns=-\r\nc=${this.#address}\r\nt=0 0\r\n`;
    return { contentType: SDP, content: session + media };
  }

  #nextOrigin(): string {
    this.#version += 1;
    return `- ${this.#sessionId} ${this.#version} ${this.#address}`;
  }
}

function withoutDirection(section: string): string {
  return section
    .split(/(?<=\n)/)
    .filter((line) => !DIRECTION.test(line.trimEnd()))
    .join('');
}
