import type { Header, Invitation } from '../../sdk/index.js';
import type { CallRequest } from './http/call-request.js';
import type { AutoAnswerHeader } from './settings.js';

/** What every INVITE says; the same list for all, since a leg keeps its headers. */
export const COMMON_HEADERS: readonly Header[] = [
  ['Allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, NOTIFY, INFO, UPDATE, REFER, MESSAGE'],
  ['Accept', 'application/sdp'],
];

/** The INVITE to the calling party, the same for both kinds of call. */
export function firstInvite(request: CallRequest, domain: string, autoAnswer: readonly AutoAnswerHeader[]): Invitation {
  const { calling, subject } = request;
  const { from, credentials } = callerOf(request);
  return {
    uri: requestUri(request),
    to: `sip:${calling}`,
    from,
    credentials,
    headers: [
      ...(subject ? [['Subject', subject] as const] : []),
      ...(request.autoAnswer ? autoAnswer.map((name) => autoAnswerHeader(name, domain)) : []),
      ...COMMON_HEADERS,
    ],
  };
}

/** Who calls: the agent, with its credentials. */
export function callerOf({ agent, agentAccount }: CallRequest): Required<Pick<Invitation, 'from' | 'credentials'>> {
  return { from: { uri: `sip:${agent}`, displayName: agentAccount.displayName }, credentials: agentAccount };
}

/** sipXecs' proxy reads these parameters: no voicemail, no music on hold, and no forwarding unless it is allowed. */
function requestUri({ calling, isForwardingAllowed }: CallRequest): string {
  const forward = isForwardingAllowed ? '' : ';sipx-userforward=false';
  return `sip:${calling};sipx-noroute=Voicemail;sipxbridge-moh=false${forward}`;
}

/** What makes telephones pick up by themselves: RFC 5373, and the two that vendors have taken to. */
function autoAnswerHeader(name: AutoAnswerHeader, domain: string): Header {
  const values = {
    'Answer-Mode': 'Auto',
    'Call-Info': `<sip:${domain}>;answer-after=0`,
    'Alert-Info': `<http://${domain}>;info=alert-autoanswer;delay=0`,
  };
  return [name, values[name]];
}
