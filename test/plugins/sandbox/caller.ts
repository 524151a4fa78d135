import type {
  IncomingRequest,
  LegListener,
  OutgoingLeg,
  SipCredentials,
  SipResponse,
  UserAgent,
} from '../../../sdk/index.js';

const offer = {
  contentType: 'application/sdp',
  content:
    'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n',
};

/** A call to a telephone, as a call controller places it; everything that happens on it is one line in `events`. */
export class Caller implements LegListener {
  readonly events: string[] = [];
  readonly leg: OutgoingLeg;
  readonly bodies: string[] = [];
  private waiting: (() => void) | undefined;

  constructor(agent: UserAgent, user: string, credentials: SipCredentials) {
    const uri = `sip:${user}@example.com`;
    const from = { uri: `sip:${credentials.userName}@example.com` };
    this.leg = agent.invite({ uri, to: uri, from, credentials, body: offer }, this);
  }

  onResponse(response: SipResponse): void {
    if (response.status === 200) this.leg.ack();
    if (response.body) this.bodies.push(response.body.content);
    this.note(`INVITE ${response.status}`);
  }

  onRequest(request: IncomingRequest): void {
    if (request.method !== 'BYE') request.reply(200);
    const ends = request.header('Subscription-State')?.startsWith('terminated') ? ', terminated' : '';
    this.note(`${request.method} ${request.body?.content.trim() ?? ''}${ends}`.trim());
  }

  refer(user: string): void {
    this.leg.send('REFER', { headers: [['Refer-To', `<sip:${user}@example.com>`]] }, ({ status }) =>
      this.note(`REFER ${status}`),
    );
  }

  bye(): void {
    this.leg.bye({}, ({ status }) => this.note(`BYE ${status}`));
  }

  /** Waits until this has happened. */
  async until(event: string): Promise<void> {
    while (!this.events.includes(event)) await new Promise<void>((resolve) => (this.waiting = resolve));
  }

  private note(event: string): void {
    this.events.push(event);
    this.waiting?.();
  }
}
