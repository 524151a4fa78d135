import {
  InviteUserAgentClient,
  NonInviteServerTransaction,
  TransactionState,
  type URI,
  type UserAgentClient,
  type UserAgentCore,
} from 'sip.js/lib/core/index.js';
import type { CallCoreOptions } from './call-options.js';
import type { DigestClient } from './digest.js';
import type { Ways } from '../location/ways.js';

/** An INVITE that was accepted: more telephones may answer it. */
export interface AcceptedInvite {
  readonly requestUri: URI;
  readonly from: URI;
  readonly to: URI;
  readonly cseq: number;
}

/** What is needed of the transactions of a call that is over, so that late copies are answered as before. */
export interface Remains {
  /** What was sent shares nothing with the request any more. */
  readonly responses: readonly { readonly transaction: string; readonly text: string }[];
  readonly invite: AcceptedInvite | undefined;
}

/** What is left of a call that is over. */
export interface CallRemains extends Remains {
  readonly options: CallCoreOptions;
  /** What the branches of its requests end with. */
  readonly branchSalt: string;
  /** The ACKs that it has sent, each with a memory of its own. */
  readonly acks: readonly string[];
  readonly ways: Ways;
  readonly digest: DigestClient | undefined;
}

/** What remains of the transactions of a call; undefined while one is under way. */
export function remainsOf(core: UserAgentCore): Remains | undefined {
  const servers = [...core.userAgentServers.values()];
  const clients = [...core.userAgentClients.values()];
  if (clients.some((client) => isUnderWay(client))) return undefined;
  const responses: { transaction: string; text: string }[] = [];
  for (const { transaction } of servers) {
    const isAnswered = transaction.state === TransactionState.Completed;
    if (!(transaction instanceof NonInviteServerTransaction) || !isAnswered) return undefined;
    responses.push({ transaction: transaction.id, text: transaction['lastResponse'] ?? '' });
  }
  return { responses, invite: acceptedOf(clients) };
}

/** An INVITE without an offer is never quite over: who else answers it wants an answer to his own from the call's owner. */
function isUnderWay(client: UserAgentClient): boolean {
  const { state } = client.transaction;
  if (state === TransactionState.Accepted) return client instanceof InviteUserAgentClient && !client.message.body;
  return state !== TransactionState.Completed && state !== TransactionState.Terminated;
}

function acceptedOf(clients: readonly UserAgentClient[]): AcceptedInvite | undefined {
  const invite = clients.find(({ transaction }) => transaction.state === TransactionState.Accepted)?.message;
  if (!invite) return undefined;
  const { ruri: requestUri, fromURI: from, toURI: to, cseq } = invite;
  return { requestUri, from, to, cseq };
}
