import type { Header, Invitation } from '../../sdk/index.js';
import type { CallRequest } from './http/call-request.js';
import type { AutoAnswerHeader } from './settings.js';

/** Headers of every INVITE; one shared list, since a leg keeps its headers. */
export const COMMON_HEADERS: readonly Header[] = [
  ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, INFO, UPDATE, REFER, MESSAGE'],
  ['Accept', 'application/sdp'],
];

/** The INVITE to the calling party, the same for both kinds of call. */
export function firstInvite(
  request: CallRequest,
  domain: string,
  autoAnswer: readonly AutoAnswerHeader[],
  { body, onMessage }: Pick<Invitation, 'body' | 'onMessage'>,
): Invitation {
  const { calling } = request;
  const isPlain = !request.subject && !request.autoAnswer && !request.more?.callingHeaders?.length;
  const { from, credentials } = callerOf(request);
  return {
    uri: requestUri(request),
    to: `sip:${calling}`,
    from,
    credentials,
    headers: isPlain ? COMMON_HEADERS : [...ownHeaders(request, domain, autoAnswer), ...COMMON_HEADERS],
    body,
    onMessage,
  };
}

function ownHeaders(request: CallRequest, domain: string, autoAnswer: readonly AutoAnswerHeader[]): Header[] {
  const autoAnswering = request.autoAnswer ? autoAnswer.map((name) => autoAnswerHeader(name, domain)) : [];
  const headers = [...autoAnswering, ...(request.more?.callingHeaders ?? [])];
  return request.subject ? [['Subject', request.subject], ...headers] : headers;
}

/** Further headers for the called party. */
export function calledHeaders({ confpin, more }: CallRequest): readonly Header[] {
  const further = more?.calledHeaders ?? [];
  return confpin === undefined ? further : [['X-ConfPin', confpin], ...further];
}

/** Who calls: the agent, with its credentials. */
export function callerOf({ agent, agentAccount }: CallRequest): Required<Pick<Invitation, 'from' | 'credentials'>> {
  return { from: { uri: `sip:${agent}`, displayName: agentAccount.displayName }, credentials: agentAccount };
}

/** Who calls, as the called party sees it: the agent, or the number that the agent may show. */
export function shownToCalled(request: CallRequest, domain: string): ReturnType<typeof callerOf> {
  const { callerId } = request.more ?? {};
  const caller = callerOf(request);
  return callerId === undefined ? caller : { ...caller, from: { uri: `sip:${callerId}@${domain}` } };
}

/** sipXecs' proxy reads these parameters: no voicemail, no music on hold, and no forwarding unless it is allowed. */
function requestUri({ calling, isForwardingAllowed }: CallRequest): string {
  const forward = isForwardingAllowed ? '' : ';sipx-userforward=false';
  return `sip:${calling};sipx-noroute=Voicemail;sipxbridge-moh=false${forward}`;
}

/** The header that makes telephones pick up by themselves: that of RFC 5373, or one of two that vendors use. */
function autoAnswerHeader(name: AutoAnswerHeader, domain: string): Header {
  const values = {
    'Answer-Mode': 'Auto',
    'Call-Info': `<sip:${domain}>;answer-after=0`,
    'Alert-Info': `<http://${domain}>;info=alert-autoanswer;delay=0`,
  };
  return [name, values[name]];
}
