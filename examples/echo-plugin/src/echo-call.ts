import type { Body, IncomingLeg, IncomingRequest, LegListener, Log } from 'sipxrest/sdk';
import { EchoMedia } from './media.js';
import { sessionDescription } from './session-description.js';

/** Nobody listens to himself for longer, and a telephone that is gone without a BYE holds its port no longer. */
const MAX_CALL_MS = 300_000;
/** How long a telephone may take to answer the BYE of a plugin that stops. */
const HANG_UP_MS = 1_000;

/** What `GET /echo` shows of a call. */
export interface EchoView {
  readonly from: string;
  /** ISO 8601. */
  readonly since: string;
  /** RTP packets that were sent back. */
  readonly packets: number;
}

/** One call: a socket for its media, from the answer to the end. */
export class EchoCall implements LegListener {
  private readonly since = new Date().toISOString();
  private readonly limit = setTimeout(() => void this.hangUp(), MAX_CALL_MS);
  private media: EchoMedia | undefined;
  private version = 0;
  private isOver = false;

  constructor(
    private readonly leg: IncomingLeg,
    private readonly host: string,
    private readonly log: Log,
    private readonly onOver: () => void,
  ) {
    this.pickUp().catch((error: unknown) => {
      log.error('No port for the media', { error: String(error) });
      this.refuse(500);
    });
  }

  view(): EchoView {
    return { from: this.leg.remoteParty, since: this.since, packets: this.media?.packets ?? 0 };
  }

  /** BYE, re-INVITE (hold, a codec) and UPDATE; a request for anything else has no answer here. */
  onRequest(request: IncomingRequest): void {
    if (request.method === 'BYE') return this.end();
    const isChange = request.method === 'INVITE' || (request.method === 'UPDATE' && request.body);
    if (!isChange) return request.reply(request.method === 'UPDATE' ? 200 : 501);
    const answer = this.describe(request.body?.content);
    if (answer === undefined) request.reply(488);
    else request.reply(200, { body: sdp(answer) });
  }

  onCancel(): void {
    this.end();
  }

  /** The stack hangs up. */
  onAckTimeout(): void {
    this.end();
  }

  /** Ends the call. Settles when the other side knows, or after a second. */
  async hangUp(): Promise<void> {
    if (!this.media || this.isOver) return this.refuse(480);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, HANG_UP_MS);
      this.leg.bye({}, ({ final }) => {
        if (!final) return;
        clearTimeout(timer);
        resolve();
      });
    });
    this.end();
  }

  private async pickUp(): Promise<void> {
    const media = await EchoMedia.open(this.host);
    if (this.isOver) return media.close();
    this.media = media;
    const answer = this.describe(this.leg.invite.body?.content);
    if (answer === undefined) return this.refuse(488);
    this.leg.accept(sdp(answer));
    this.log.info('Call taken', { from: this.leg.remoteParty });
  }

  private describe(offer: string | undefined): string | undefined {
    if (!this.media) return undefined;
    this.version += 1;
    return sessionDescription(offer, { host: this.host, port: this.media.port }, this.version);
  }

  private refuse(status: number): void {
    if (!this.isOver) this.leg.reject(status);
    this.end();
  }

  private end(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.limit);
    this.media?.close();
    this.leg.release();
    this.onOver();
  }
}

function sdp(content: string): Body {
  return { contentType: 'application/sdp', content };
}
