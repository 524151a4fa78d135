import { expect } from 'chai';
import { branchOf, type RelayedMessage } from '../relay.js';

/** How much earlier than its time a message may come: timers round to milliseconds, and the relay reads its clock later. */
const EARLY_MS = 10;
/** How long after an answer was passed on a retransmission may have been on its way already. */
const CROSSING_MS = 20;

/**
 * What RFC 3261 section 17 allows one side to send over UDP: requests again after T1, 2*T1 … (at most T2 but for INVITE) and not
 * after their answer; a response or an ACK once for each copy of what it answers.
 *
 * @param senderPort UDP port of the side that is judged
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

/** By the branch that the request left its sender with: one of the response's Vias has it, whoever is in between. */
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
