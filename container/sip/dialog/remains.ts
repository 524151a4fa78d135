import type { Uri } from '../message/uri.js';
import type { CallCoreOptions } from './call-options.js';
import type { DigestClient } from './digest.js';
import type { SentAck } from './sent-acks.js';
import type { ClientTransaction } from '../transaction/client-transaction.js';
import type { ServerTransaction } from '../transaction/server-transaction.js';

/** An INVITE that was accepted: more telephones may answer it. */
export interface AcceptedInvite {
  readonly requestUri: Uri;
  readonly from: Uri;
  readonly to: Uri;
  readonly cseq: number;
  readonly routeSet: readonly string[];
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
  /** The ACKs that it has sent. */
  readonly acks: readonly SentAck[];
  readonly digest: DigestClient | undefined;
}

/** What remains of the transactions of a call; undefined while one is under way. */
export function remainsOf(
  clients: readonly ClientTransaction[],
  servers: readonly ServerTransaction[],
): Remains | undefined {
  const isOver = servers.every(({ request, state }) => request.method !== 'INVITE' && state === 'completed');
  if (!isOver || clients.some((client) => isUnderWay(client))) return undefined;
  return {
    responses: servers.map(({ key, response }) => ({ transaction: key, text: response })),
    invite: acceptedOf(clients),
  };
}

/** An INVITE without an offer is never quite over: who else answers it wants an answer to his own from the call's owner. */
function isUnderWay({ isOpen, state, request }: ClientTransaction): boolean {
  return isOpen || (state === 'accepted' && request.toTag === undefined && !request.body);
}

function acceptedOf(clients: readonly ClientTransaction[]): AcceptedInvite | undefined {
  const invite = clients.find(({ state, request }) => state === 'accepted' && request.toTag === undefined)?.request;
  if (!invite) return undefined;
  const { ruri: requestUri, fromUri: from, toUri: to, cseq, routeSet } = invite;
  return { requestUri, from, to, cseq, routeSet };
}
