import type { Uri } from '../message/uri.js';
import type { CallCoreOptions } from './call-options.js';
import type { DigestClient } from './digest.js';
import type { SentAck } from './sent-acks.js';
import type { ClientTransaction } from '../transaction/client-transaction.js';
import type { ServerTransaction } from '../transaction/server-transaction.js';

/** An INVITE that was accepted: further telephones may still answer it (RFC 3261 section 13.2.2.4). */
export interface AcceptedInvite {
  readonly requestUri: Uri;
  readonly from: Uri;
  readonly to: Uri;
  readonly cseq: number;
  readonly routeSet: readonly string[];
}

/** What remains of the transactions of an ended call, so that late copies are answered as before. */
export interface FinishedTransactions {
  /** Their texts share no memory with the requests. */
  readonly responses: readonly { readonly transaction: string; readonly text: string }[];
  readonly invite: AcceptedInvite | undefined;
}

/** What remains of an ended call. */
export interface LingeringState extends FinishedTransactions {
  readonly options: CallCoreOptions;
  /** Suffix of the branches of its requests. */
  readonly branchSalt: string;
  /** The ACKs that the call has sent. */
  readonly acks: readonly SentAck[];
  readonly digest: DigestClient | undefined;
}

/** What remains of the transactions of a call; undefined while one of them is under way. */
export function finishedTransactions(
  clients: readonly ClientTransaction[],
  servers: readonly ServerTransaction[],
): FinishedTransactions | undefined {
  const isOver = servers.every(({ request, state }) => request.method !== 'INVITE' && state === 'completed');
  if (!isOver || clients.some((client) => isUnderWay(client))) return undefined;
  return {
    responses: servers.map(({ key, response }) => ({ transaction: key, text: response })),
    invite: acceptedOf(clients),
  };
}

/** An INVITE without an offer is never quite over: a further 2xx brings an offer, which only the call's owner can answer. */
function isUnderWay({ isOpen, state, request }: ClientTransaction): boolean {
  return isOpen || (state === 'accepted' && request.toTag === undefined && !request.body);
}

function acceptedOf(clients: readonly ClientTransaction[]): AcceptedInvite | undefined {
  const invite = clients.find(({ state, request }) => state === 'accepted' && request.toTag === undefined)?.request;
  if (!invite) return undefined;
  const { ruri: requestUri, fromUri: from, toUri: to, cseq, routeSet } = invite;
  return { requestUri, from, to, cseq, routeSet };
}
