import { randomInt } from 'node:crypto';
import type { BodyAndContentType, SessionDescriptionHandler } from 'sip.js';

/** RFC 863's port: a telephone of the sandbox has no sound, so it says `inactive` and names a port that nobody listens on. */
const discardPort = 9;
const audioLine = `m=audio ${discardPort} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=inactive\r\n`;
const contentType = 'application/sdp';

/** One telephone's side of one call's session descriptions (RFC 4566, RFC 3264), as SIP.js asks for them: no media, only texts. */
export class SilentDescription implements SessionDescriptionHandler {
  private readonly id = randomInt(2 ** 31);
  private version = 0;
  private remote: string | undefined;

  constructor(private readonly host: string) {}

  hasDescription(type: string): boolean {
    return type.toLowerCase() === contentType;
  }

  async setDescription(remote: string): Promise<void> {
    this.remote = remote;
  }

  /** The answer to the other side's description, or a new offer of the same media lines; an offer of audio where there was none. */
  async getDescription(): Promise<BodyAndContentType> {
    this.version++;
    const session = [
      'v=0',
      `o=- ${this.id} ${this.version} IN IP4 ${this.host}`,
      's=-',
      `c=IN IP4 ${this.host}`,
      't=0 0',
      '',
    ];
    const offered = this.remote?.split(/\r?\n/).filter((line) => line.startsWith('m='));
    const media = offered?.map(answerMedia) ?? [audioLine];
    return { contentType, body: session.join('\r\n') + media.join('') };
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    // There are no media to end.
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
