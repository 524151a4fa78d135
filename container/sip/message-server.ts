import { type IncomingRequestMessage, MessageUserAgentServer } from 'sip.js/lib/core/index.js';
import type { CallCore } from './call-core.js';

/** sip.js's MESSAGE server transaction, with a To tag that cannot be guessed. */
export class MessageServer extends MessageUserAgentServer {
  constructor(core: CallCore, request: IncomingRequestMessage) {
    super(core, request);
    this.toTag = core.localTag;
  }
}
