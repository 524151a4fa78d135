import type { CallRequest } from '../../../../plugins/callcontroller/http/call-request.js';

/** Alice wants to talk to Bob. */
export const request: CallRequest = {
  action: 'Call',
  sipMethod: 'Invite',
  target: undefined,
  agent: 'alice@example.com',
  calling: 'alice@example.com',
  called: 'bob@example.com',
  agentAccount: {
    userName: 'alice',
    identity: 'alice@example.com',
    displayName: 'Alice',
    aliases: [],
    hasSipCredentials: true,
  },
  timeoutMs: 180_000,
  resultCacheTimeMs: 180_000,
  subject: undefined,
  isForwardingAllowed: false,
  confpin: undefined,
  autoAnswer: false,
};
