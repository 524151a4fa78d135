import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { parse } from 'sdp-transform';
import type { Body } from '../../sdk/index.js';

const SDP = 'application/sdp';
/** The discard port: no media is meant to come here. */
const NO_PORT = 9;

/**
 * The session description of a party that takes no media: one audio line, inactive. Common telephones refuse an offer
 * without any line. The origin stays the same for the whole call, with a version that rises (RFC 3264 section 8).
 */
export class InactiveSession {
  readonly #sessionId = randomInt(2 ** 47);
  #version = 0;

  constructor(private readonly host: string) {}

  offer(): Body {
    return this.#describe(['m=audio 9 RTP/AVP 0 8', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:8 PCMA/8000', 'a=inactive']);
  }

  /** Answers a telephone's own offer: its audio lines inactive, all others declined with port 0 (RFC 3264 section 6). */
  answer(offer: string): Body {
    const lines = parse(offer).media.map(({ type, port, protocol, payloads }) => {
      const accepted = type === 'audio' && port !== 0;
      return `m=${type} ${accepted ? NO_PORT : 0} ${protocol} ${payloads}${accepted ? '\r\na=inactive' : ''}`;
    });
    return this.#describe(lines);
  }

  #describe(media: readonly string[]): Body {
    this.#version += 1;
    const address = `IN ${isIPv6(this.host) ? 'IP6' : 'IP4'} ${this.host}`;
    const session = ['v=0', `o=- ${this.#sessionId} ${this.#version} ${address}`, 's=-', `c=${address}`, 't=0 0'];
    return { contentType: SDP, content: `${[...session, ...media].join('\r\n')}\r\n` };
  }
}
