import { randomInt } from 'node:crypto';
import type { Body } from '../../sdk/index.js';

/** RFC 863's port: a telephone of the sandbox has no sound, so it says `inactive` and names a port that nobody listens on. */
const discardPort = 9;
const audioLine = `m=audio ${discardPort} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n`;

/** One telephone's side of one call's session descriptions (RFC 4566, RFC 3264). */
export class SessionDescription {
  private readonly id = randomInt(2 ** 31);
  private version = 0;

  constructor(private readonly host: string) {}

  offer(): Body {
    return this.describe([audioLine]);
  }

  /** The answer to an offer; an offer of our own where there was none. */
  answer(offer: Body | undefined): Body {
    if (offer === undefined) return this.offer();
    const media = offer.content.split(/\r?\n/).filter((line) => line.startsWith('m='));
    return this.describe(media.map(answerMedia));
  }

  private describe(media: readonly string[]): Body {
    this.version++;
    const session = [
      'v=0',
      `o=- ${this.id} ${this.version} IN IP4 ${this.host}`,
      's=-',
      `c=IN IP4 ${this.host}`,
      't=0 0',
      '',
    ];
    return { contentType: 'application/sdp', content: session.join('\r\n') + media.join('') };
  }
}

/** RFC 3264 section 6: an answer has a line for every line of the offer; port 0 declines it. PCMU audio is all that we speak. */
function answerMedia(line: string): string {
  const [, media, port, protocol, formats = ''] =
    /^m=([a-z]+) (\d+)(?:\/\d+)? ([A-Z/]+) ([\w.+ -]+)$/i.exec(line) ?? [];
  const speaksPcmu = media === 'audio' && protocol === 'RTP/AVP' && formats.split(' ').includes('0');
  if (speaksPcmu && port !== '0') return audioLine;
  return `m=${media ?? 'audio'} 0 ${protocol ?? 'RTP/AVP'} ${formats.split(' ')[0] || '0'}\r\n`;
}
