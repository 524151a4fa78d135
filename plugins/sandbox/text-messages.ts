import type { IncomingRequest, SipResponse } from '../../sdk/index.js';
import type { Line } from './line.js';

export interface ReceivedText {
  /** `user@host` of the sender. */
  readonly from: string;
  readonly text: string;
}

const kept = 10;
const longestText = 1_000;
const textType = 'text/plain';

/** The text messages of one telephone (RFC 3428): it takes them as its behaviour says, shows the newest, and sends some. */
export class TextMessages {
  private readonly texts: ReceivedText[] = [];

  constructor(private readonly line: Line) {
    line.agent.onMessage((message) => this.take(message));
  }

  /** The newest 10, oldest first, each cut off after 1000 characters. */
  get received(): readonly ReceivedText[] {
    return [...this.texts];
  }

  /**
   * @param to SIP URI, `user@host` or a user of the domain
   * @returns the final response
   * @throws Error when `to` is none of them
   */
  async send(to: string, text: string): Promise<SipResponse> {
    const { agent, domain, telephone } = this.line;
    const address = to.includes('@') ? to : `${to}@${domain}`;
    const uri = /^sips?:/i.test(address) ? address : `sip:${address}`;
    return agent.request({
      method: 'MESSAGE',
      uri,
      to: uri,
      from: { uri: `sip:${telephone.userName}@${domain}` },
      credentials: telephone,
      body: { contentType: `${textType};charset=UTF-8`, content: text },
    });
  }

  private take(message: IncomingRequest): void {
    const { body, from } = message;
    if (this.line.telephone.behaviour === 'reject') message.reply(603);
    else if (body && !isText(body.contentType)) message.reply(415, { headers: [['Accept', textType]] });
    else {
      this.texts.push({ from: from.address, text: (body?.content ?? '').slice(0, longestText) });
      if (this.texts.length > kept) this.texts.shift();
      message.reply(200);
    }
  }
}

function isText(contentType: string): boolean {
  const [type = ''] = contentType.split(';');
  return type.trim().toLowerCase() === textType;
}
