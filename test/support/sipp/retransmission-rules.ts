import { expect } from 'chai';
import { branchOf, type RelayedMessage } from '../relay.js';

/** Tolerance for early messages: timers round to milliseconds, and the relay reads its clock later. */
const EARLY_MS = 10;
/** Longest time for which a retransmission may cross the answer. */
const CROSSING_MS = 20;

/**
 * The rules of RFC 3261 section 17 for one side over UDP: requests are repeated after T1, 2*T1 … (at most T2, except INVITE) and not
 * after their answer; a response or an ACK is sent once for each copy of the message that it answers.
 *
 * @param senderPort UDP port of the side to check
 */
export function expectAllowedRetransmissions(
  messages: readonly RelayedMessage[],
  senderPort: number,
  t1Ms: number,
): void {
  const sent = messages.filter(({ fromPort }) => fromPort === senderPort);
  const delivered = messages.filter(({ fromPort, lost }) => fromPort !== senderPort && !lost);

  for (const [name, copies] of groupedByTransaction(sent)) {
    const { kind, text } = copies[0];
    if (kind === 'ACK') {
      const answers = delivered.filter(
        (message) => message.kind.endsWith(' INVITE') && cseqOf(message.text) === cseqOf(text),
      );
      expect(copies.length, `copies of ${name}`).to.be.at.most(answers.filter(isFinal).length);
    } else if (isResponse(kind)) {
      const requests = delivered.filter((message) => kind.endsWith(` ${message.kind}`) && isAnswer(text, message.text));
      expect(copies.length, `copies of ${name}`).to.be.at.most(requests.length);
    } else {
      const answers = delivered.filter((message) => message.kind.endsWith(` ${kind}`) && isAnswer(message.text, text));
      expectGaps(name, kind, copies, t1Ms);
      const stop = answers.find((answer) => kind === 'INVITE' || isFinal(answer));
      if (stop) expect(copies.at(-1)?.atMs, `last copy of ${name}`).to.be.below(stop.atMs + CROSSING_MS);
    }
  }
}

/** Timers A (INVITE) and E. */
function expectGaps(name: string, kind: string, copies: readonly RelayedMessage[], t1Ms: number): void {
  const longestMs = kind === 'INVITE' ? Infinity : 8 * t1Ms;
  for (let i = 1; i < copies.length; i++) {
    const gapMs = (copies[i]?.atMs ?? 0) - (copies[i - 1]?.atMs ?? 0);
    expect(gapMs, `copy ${i} of ${name}`).to.be.at.least(Math.min(t1Ms * 2 ** (i - 1), longestMs) - EARLY_MS);
  }
}

function groupedByTransaction(messages: readonly RelayedMessage[]): Map<string, [RelayedMessage, ...RelayedMessage[]]> {
  const groups = new Map<string, [RelayedMessage, ...RelayedMessage[]]>();
  for (const message of messages) {
    // Each ACK of a 2xx may have a branch of its own.
    const name = `${message.kind} ${message.kind === 'ACK' ? cseqOf(message.text) : branchOf(message.text)}`;
    const group = groups.get(name);
    if (group) group.push(message);
    else groups.set(name, [message]);
  }
  return groups;
}

/** Matches by the branch of the sender's Via, which a response has in one of its Vias, whatever proxies are in between. */
function isAnswer(response: string, request: string): boolean {
  return response.includes(`branch=${branchOf(request)}`);
}

function isFinal({ kind }: RelayedMessage): boolean {
  return !kind.startsWith('1');
}

function isResponse(kind: string): boolean {
  return /^\d/.test(kind);
}

function cseqOf(text: string): string | undefined {
  return /^CSeq: *(\d+)/im.exec(text)?.[1];
}
