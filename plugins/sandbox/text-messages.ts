import { type Core, type Message, Messager, type UserAgent } from 'sip.js';
import { parseUri, uriOf } from './addresses.js';
import type { Behaviour } from './settings.js';
import { readTarget } from './user-agent.js';

export interface ReceivedText {
  /** `user@host` of the sender. */
  readonly from: string;
  readonly text: string;
}

/** The final response to a message; 408 and 503 may be SIP.js' own, where none came or nothing could be sent. */
export interface Delivery {
  readonly status: number;
  readonly reason: string;
}

const kept = 10;
const longestText = 1_000;
const textType = 'text/plain';

/** The text messages of one telephone (RFC 3428): it takes them as its behaviour says, shows the newest, and sends some. */
export class TextMessages {
  private readonly texts: ReceivedText[] = [];
  private readonly undelivered = new Set<(delivery: Delivery) => void>();

  constructor(private readonly behaviour: Behaviour) {}

  /** The newest 10, oldest first, each cut off after 1000 characters. */
  get received(): readonly ReceivedText[] {
    return [...this.texts];
  }

  /**
   * @param to SIP URI
   * @throws Error when `to` is invalid
   */
  async send(userAgent: UserAgent, to: string, text: string): Promise<Delivery> {
    const target = readTarget(to);
    if (!target) throw new Error('the SIP URI is invalid');
    const messager = new Messager(userAgent, target, text, `${textType};charset=UTF-8`);
    return new Promise((resolve, reject) => {
      const settle = (delivery: Delivery): void => {
        this.undelivered.delete(settle);
        resolve(delivery);
      };
      const onFinal = ({ message }: Core.IncomingResponse): void =>
        settle({ status: message.statusCode ?? 0, reason: message.reasonPhrase ?? '' });
      this.undelivered.add(settle);
      messager
        .message({ requestDelegate: { onAccept: onFinal, onRedirect: onFinal, onReject: onFinal } })
        .catch(reject);
    });
  }

  async take(message: Message): Promise<void> {
    const { request } = message;
    const type = request.getHeader('Content-Type');
    if (this.behaviour === 'reject') return message.reject({ statusCode: 603 });
    if (type !== undefined && !isText(type)) {
      return message.reject({ statusCode: 415, extraHeaders: [`Accept: ${textType}`] });
    }
    const sender = parseUri(uriOf(request.getHeader('From') ?? '') ?? '');
    this.texts.push({ from: sender ? `${sender.user}@${sender.host}` : '', text: request.body.slice(0, longestText) });
    if (this.texts.length > kept) this.texts.shift();
    return message.accept();
  }

  /** Waits no longer for the responses to what was sent. */
  close(): void {
    for (const settle of this.undelivered) settle({ status: 503, reason: 'Service Unavailable' });
  }
}

function isText(contentType: string): boolean {
  const [type = ''] = contentType.split(';');
  return type.trim().toLowerCase() === textType;
}
