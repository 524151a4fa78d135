import { CLIENT_EVENTS } from '../../container/sip/transaction/client-events.js';
import { INVITE_CLIENT } from '../../container/sip/transaction/invite-client-states.js';
import { INVITE_SERVER } from '../../container/sip/transaction/invite-server-states.js';
import { REQUEST_CLIENT } from '../../container/sip/transaction/request-client-states.js';
import { REQUEST_SERVER } from '../../container/sip/transaction/request-server-states.js';
import { SERVER_EVENTS } from '../../container/sip/transaction/server-events.js';
import { durationMs, setTimers, type Timer } from '../../container/sip/transaction/timers.js';
import { stateTable } from './state-table.js';

interface Step {
  readonly to: string;
  readonly effects: readonly string[];
}
type Rows = Readonly<
  Record<string, { readonly timers: readonly Timer[]; readonly on: Readonly<Partial<Record<string, Step>>> }>
>;

const T1_MS = 500;
const NOTHING = 'impossible' as const;

const TIMERS: Readonly<Record<Timer, string>> = {
  A: 'retransmits our INVITE over UDP: T1, doubled each time',
  B: 'ends our INVITE without a response',
  D: 'keeps our refused INVITE, to acknowledge copies of the refusal',
  E: 'retransmits our other requests over UDP: T1, doubled up to T2; T2 after a provisional response',
  F: 'ends our other requests without a final response',
  G: 'retransmits our refusal of an INVITE over UDP: T1, doubled up to T2',
  H: 'ends the wait for the ACK of a refusal',
  I: 'keeps the transaction of an acknowledged refusal, for copies of the ACK',
  J: 'keeps the response to another request, for copies of the request',
  K: 'would absorb copies of the response to our other requests; without it they are dropped as well',
  L: 'keeps an accepted INVITE, to absorb its copies (RFC 6026)',
  M: 'keeps our accepted INVITE, for copies of the 2xx and for 2xx of other branches (RFC 6026)',
  '100': 'answers another request with 100 (RFC 4320)',
};

/** docs/sip-transactions.md, generated from the state tables. */
export function sipTransactionsDocument(): string {
  return `# SIP transactions

Generated from the tables in \`container/sip/transaction\` by \`npm run docs\`; a test fails if the two differ.

## Theory of operation

A transaction is one request and its responses (RFC 3261 section 17). There are four kinds: client and server, for INVITE and for
other requests. Each is a pure table: \`transition(table, state, event)\` returns the next state and the effects. \`machine.ts\` runs
the tables; nothing else changes the state of a transaction or sets its timers. A state names the timers that run in it. Entering the
state starts them, a timer that fires and still belongs to the state restarts, and leaving the state stops them. \`timers.ts\` has
their durations.

\`client-transaction.ts\` joins a table, a request and a destination. The request is printed once. The destination
(\`location/destination.ts\`) is the server that the request goes to; its retransmissions, its CANCEL and the ACK of a refusal go to the
same server. \`delivery.ts\` sends the text, once more over a new connection if one is lost, and reports a failure as the event
\`transport error\`. A transaction does not know of other servers or of challenges: its user begins a new transaction for each attempt.

\`server-transaction.ts\` joins a table and a received request, and sends responses back to where the request came from. A response that
the state does not allow is not sent.

A response belongs to the client transaction with the branch of its Via and the method of its CSeq (section 17.1.3). A request belongs
to the server transaction with the branch and the sent-by of its Via and its method, where ACK and CANCEL count as INVITE (section
17.2.3). \`matching.ts\` has both.

The 2xx of an INVITE and its ACK are end to end, and not part of any transaction: \`dialog/invite-client.ts\` acknowledges each 2xx, and
each copy; \`dialog/accepted-invite.ts\` retransmits ours until the ACK comes.

A cell names the next state and the effects, in the order in which they are performed. –: changes nothing.

## Timers

T1 is \`sipT1Ms\`, by default ${T1_MS} ms; T2 is 8*T1, T4 is 10*T1.

| timer | what for | first |
|---|---|---|
${timerLines().join('\n')}

C is a proxy's. N is a subscription's (\`user-agent/subscription.ts\`). Deviations: [sip-conformance.md](sip-conformance.md).

## An INVITE of ours

RFC 3261 figure 5, with RFC 6026 section 7.2.

${section(INVITE_CLIENT, CLIENT_EVENTS)}

## Another request of ours

RFC 3261 figure 6.

${section(REQUEST_CLIENT, CLIENT_EVENTS)}

## An INVITE that came

RFC 3261 figure 7, with RFC 6026 section 7.1.

${section(INVITE_SERVER, SERVER_EVENTS)}

## Another request that came

RFC 3261 figure 8, with RFC 4320.

${section(REQUEST_SERVER, SERVER_EVENTS)}
`;
}

function timerLines(): string[] {
  setTimers(T1_MS);
  const context = { fired: 0, isProceeding: false, isReliable: false };
  return Object.entries(TIMERS).map(
    ([name, text]) => `| ${name} | ${text} | ${durationMs(name as Timer, context)} ms |`,
  );
}

function section(rows: Rows, events: readonly string[]): string {
  const timers = [...new Set(Object.values(rows).flatMap((row) => row.timers))].map((timer) => `timer ${timer}`);
  const states = Object.keys(rows);
  const all = [...events, ...timers].filter((event) => states.some((state) => rows[state]?.on[event]));
  const table = Object.fromEntries(
    states.map((state) => [state, Object.fromEntries(all.map((event) => [event, rows[state]?.on[event] ?? NOTHING]))]),
  );
  const running = states.map((state) => rows[state]?.timers.join(', ') || '–');
  return `${stateTable({ states, events: all, table })}\n| *timers* | ${running.join(' | ')} |`;
}
