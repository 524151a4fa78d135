import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import type { Origin } from '../transport/transport.js';
import { RequestServer, type RequestServerHost } from './request-server.js';

/** What a re-INVITE changes in its dialog. */
export interface ReInvitedDialog {
  readonly routeSet: readonly string[];
  awaitAck(cseq: number, send: () => void): void;
  missAck(cseq: number): void;
  /** The re-INVITE was refused. */
  forgetReinvite(): void;
}

/** Answers a re-INVITE (RFC 3261 section 14.2). */
export class ReInviteServer extends RequestServer {
  /** The other side cancelled it. */
  onCancel: () => void = () => undefined;

  constructor(
    host: RequestServerHost,
    private readonly dialog: ReInvitedDialog,
    request: RequestMessage,
    source: Origin,
  ) {
    super(host, request, source);
  }

  override reply(options: ResponseOptions): void {
    const { statusCode } = options;
    if (this.isAnswered) return;
    if (statusCode < 200) return super.reply(options);
    if (statusCode < 300) return this.#accept(options);
    this.dialog.forgetReinvite();
    super.reply(options);
  }

  #accept(options: ResponseOptions): void {
    const { dialog, message } = this;
    const route = dialog.routeSet.map((value) => `Record-Route: ${value}`);
    const response = this.print({ ...options, extraHeaders: [...(options.extraHeaders ?? []), ...route] });
    this.send(options.statusCode, response);
    dialog.awaitAck(message.cseq, () => this.send(options.statusCode, response));
    this.whenOver(() => dialog.missAck(message.cseq));
  }
}
