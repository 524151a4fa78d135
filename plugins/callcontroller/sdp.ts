import { randomInt } from 'node:crypto';
import { parse } from 'sdp-transform';
import type { Body } from '../../sdk/index.js';

const SDP = 'application/sdp';
/** The discard port: no media is meant to come here. */
const NO_PORT = 9;
const INACTIVE_AUDIO = ['m=audio 9 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=inactive', ''].join(
  '\r\n',
);
const DIRECTION = /^a=(?:sendrecv|sendonly|recvonly|inactive)$/;

/**
 * What the controller says in SDP on one leg. It takes no media itself: its own descriptions are inactive, and what it carries
 * over from the other leg differs in the origin line only. The origin keeps its session id, and its version rises by one with
 * each description (RFC 3264 section 8).
 */
export class LegSession {
  readonly #sessionId = randomInt(2 ** 47);
  readonly #address: string;
  #version = 0;

  constructor(private readonly host: string) {
    this.#address = `IN ${host.includes(':') ? 'IP6' : 'IP4'} ${host}`;
  }

  /** For another dialog that the same INVITE has made: it has an origin of its own. */
  fork(): LegSession {
    return new LegSession(this.host);
  }

  /** One audio line, inactive. Common telephones refuse an offer without any line. */
  offerInactive(): Body {
    return this.#describe(INACTIVE_AUDIO);
  }

  /** No line at all, as RFC 3725 section 4.4 has it. */
  offerWithoutMedia(): Body {
    return this.#describe('');
  }

  /** Answers a telephone's own offer: its audio lines inactive, all others declined with port 0 (RFC 3264 section 6). */
  answerInactive(offer: string): Body {
    const lines = parse(offer).media.map(({ type, port, protocol, payloads }) => {
      const accepted = type === 'audio' && port !== 0;
      return `m=${type} ${accepted ? NO_PORT : 0} ${protocol} ${payloads}\r\n${accepted ? 'a=inactive\r\n' : ''}`;
    });
    return this.#describe(lines.join(''));
  }

  /** The other party's description, with an origin of this leg. */
  carry(description: string): Body {
    return { contentType: SDP, content: description.replace(/^o=[^\r\n]*/m, `o=${this.#nextOrigin()}`) };
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

/** Whether a body is a session description. */
export function isSdp({ contentType }: Body): boolean {
  return /^application\/sdp\b/i.test(contentType);
}

function withoutDirection(section: string): string {
  return section
    .split(/(?<=\n)/)
    .filter((line) => !DIRECTION.test(line.trimEnd()))
    .join('');
}
