import {
  type IncomingRequestMessage,
  TransactionState,
  type UserAgentCore,
  UserAgentServer,
} from 'sip.js/lib/core/index.js';
import { methodsOf } from '../message/parser/methods-of.js';
import { AnswerTransaction } from './transactions.js';

/** The server transaction of a NOTIFY that has a To tag. */
export class NotifyServer extends methodsOf(UserAgentServer) {
  protected override readonly core: UserAgentCore;
  override readonly message: IncomingRequestMessage;
  protected override toTag: string;

  constructor(core: UserAgentCore, request: IncomingRequestMessage) {
    super();
    this.core = core;
    this.message = request;
    this.toTag = request.toTag;
    this['_transaction'] = new AnswerTransaction(request, core.transport, this);
    core.userAgentServers.set(request.viaBranch, this);
  }

  onStateChange(state: TransactionState): void {
    if (state !== TransactionState.Terminated) return;
    this.core.userAgentServers.delete(this.transaction.id);
    this.dispose();
  }
}
