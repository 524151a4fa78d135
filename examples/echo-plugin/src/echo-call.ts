import type { Body, IncomingLeg, IncomingRequest, LegListener, Log } from 'sipxrest/sdk';
import { EchoMedia } from './media.js';
import { sessionDescription } from './session-description.js';

/** Limits a call, so that a telephone that disappears without a BYE does not hold its port for ever. */
const MAX_CALL_MS = 300_000;
/** Longest wait for the answer to BYE when the plugin stops. */
const HANG_UP_MS = 1_000;

/** A call in `GET /echo`. */
export interface EchoView {
  readonly from: string;
  /** ISO 8601. */
  readonly since: string;
  /** Number of RTP packets sent back. */
  readonly packets: number;
}

/** One call, with a socket for its media from the answer to the end. */
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

  /** Handles BYE, re-INVITE (hold, codec change) and UPDATE; refuses other requests. */
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

  /** Ends the call. Resolves when the other side has answered, or after a second. */
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
