import type { RequestMessage } from '../message/parser/received-message.js';
import type { ResponseOptions } from '../message/response.js';
import { ALLOWED_IN_DIALOGS } from '../message/methods.js';
import type { Origin } from '../transport/transport.js';
import { type DialogHost, serverDialogState } from './dialog.js';
import { InviteDialog } from './invite-dialog.js';
import { RequestServer } from './request-server.js';

/** Answers the INVITE that begins a call, and makes its dialog (RFC 3261 section 13.3.1). */
export class InviteServer extends RequestServer {
  #dialog: InviteDialog | undefined;

  constructor(
    private readonly core: DialogHost,
    request: RequestMessage,
    source: Origin,
    /** The caller cancelled the INVITE before its final response. */
    readonly onCancel: () => void,
  ) {
    super(core, request, source);
  }

  /** Sends a provisional response. @returns the early dialog */
  progress(options: ResponseOptions): InviteDialog {
    const dialog = this.#begin();
    this.reply(this.#withDialogHeaders(options));
    return dialog;
  }

  /** Sends a 2xx. @returns the confirmed dialog, which waits for the ACK */
  accept(options: ResponseOptions): InviteDialog {
    const dialog = this.#begin();
    const response = this.print(this.#withDialogHeaders(options, `Allow: ${ALLOWED_IN_DIALOGS}`));
    this.#dialog = undefined;
    dialog.offers.step(this.message.body === '' ? 'offers' : 'answered');
    this.send(options.statusCode, response);
    dialog.awaitAck(this.message.cseq, () => this.send(options.statusCode, response));
    this.whenOver(() => dialog.missAck(this.message.cseq));
    return dialog;
  }

  /** An early dialog ends with the transaction. */
  override onEnd(): void {
    super.onEnd();
    this.#dialog?.dispose();
  }

  #begin(): InviteDialog {
    return (this.#dialog ??= new InviteDialog(this.core, serverDialogState(this.message, this.host.localTag), 'early'));
  }

  #withDialogHeaders(options: ResponseOptions, ...lines: readonly string[]): ResponseOptions {
    const route = this.message.getHeaders('Record-Route').map((value) => `Record-Route: ${value}`);
    const contact = `Contact: ${this.host.contact}`;
    return { ...options, extraHeaders: [...(options.extraHeaders ?? []), ...route, ...lines, contact] };
  }
}
