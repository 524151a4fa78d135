import {
  type IncomingResponseMessage,
  InviteClientTransaction,
  NonInviteClientTransaction,
  NonInviteServerTransaction,
  type Transaction,
  TransactionState,
  type TransactionUser,
} from 'sip.js/lib/core/index.js';
import type { Outlet } from './outlet.js';

/*
 * sip.js's transactions without what it does for every message although nobody looks at it: a promise of it, whose failure is
 * logged, and a description of each state for a logger that is silent.
 */

/** Stands for that promise. */
const SENDING = { catch: () => SENDING } as unknown as Promise<void>;

function send({ transport }: Transaction, message: string, onFailure: (error: Error) => void): Promise<void> {
  (transport as Outlet).post(message, onFailure);
  return SENDING;
}

function enter(transaction: Transaction, user: TransactionUser, state: TransactionState): void {
  transaction['_state'] = state;
  user.onStateChange?.(state);
  if (transaction['listeners'].length > 0) transaction.notifyStateChangeListeners();
}

/** An INVITE of ours. */
export class InviteTransaction extends InviteClientTransaction {
  protected override send(message: string): Promise<void> {
    return send(this, message, (error) => this.onTransportError(error));
  }

  protected override setState(state: TransactionState): void {
    enter(this, this.user, state);
  }
}

/**
 * Another request of ours: it ends with its final response. sip.js would keep it for Timer K, and takes a 408 from the network for its
 * own time-out. A copy of the response finds no transaction then, and is dropped just so.
 */
export class RequestTransaction extends NonInviteClientTransaction {
  override receiveResponse(response: IncomingResponseMessage): void {
    if ((response.statusCode ?? 0) < 200) return super.receiveResponse(response);
    this.setState(TransactionState.Terminated);
    this.user.receiveResponse?.(response);
  }

  protected override send(message: string): Promise<void> {
    return send(this, message, (error) => this.onTransportError(error));
  }

  protected override setState(state: TransactionState): void {
    enter(this, this.user, state);
  }
}

/** A request of the other side, no INVITE. */
export class AnswerTransaction extends NonInviteServerTransaction {
  protected override send(message: string): Promise<void> {
    return send(this, message, (error) => this.onTransportError(error));
  }

  protected override setState(state: TransactionState): void {
    enter(this, this.user, state);
  }
}
