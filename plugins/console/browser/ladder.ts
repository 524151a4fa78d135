import type { CallMessage } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';

/** Who stands at the top of a ladder, from left to right; `target`: of a transfer. */
const LANES = ['target', 'caller', 'proxy', 'controller', 'callee'] as const;
export type Lane = (typeof LANES)[number];

/** A message as an arrow between two lanes. */
export interface Arrow {
  readonly message: CallMessage;
  readonly from: Lane;
  readonly to: Lane;
  /** Method, or status code and reason. */
  readonly label: string;
  readonly tone: 'request' | 'provisional' | 'success' | 'challenge' | 'failure';
  /** Milliseconds since the first message. */
  readonly offsetMs: number;
}

/** What the proxy answers itself: it has taken a request over, or asks for credentials. */
const TRYING = 100;
const CHALLENGES: ReadonlySet<number> = new Set([401, 407]);

export function arrowsOf(messages: readonly CallMessage[]): readonly Arrow[] {
  const startMs = Date.parse(messages[0]?.at ?? '');
  const challenged = challengedBy(messages);
  return messages.map((message) => {
    const status = statusOf(message.startLine);
    const isProxys = status === TRYING || challenged.has(requestOf(message));
    const peer = isProxys ? 'proxy' : message.leg;
    const isSent = message.direction === 'out';
    return {
      message,
      from: isSent ? 'controller' : peer,
      to: isSent ? peer : 'controller',
      label: labelOf(message, status),
      tone: toneOf(status),
      offsetMs: Date.parse(message.at) - startMs,
    };
  });
}

/** The lanes of a ladder: that of a transfer's target only where there was a transfer. */
export function lanesOf(arrows: readonly Arrow[]): readonly Lane[] {
  return hasTarget(arrows) ? LANES : LANES.slice(1);
}

/** The user whom the latest transfer has called. */
export function targetOf(arrows: readonly Arrow[]): string | undefined {
  // The first request of a leg goes to the user, later ones to the Contact of the telephone.
  const invite = arrows.findLast(
    ({ message }) => message.leg === 'target' && message.cseq === '1 INVITE' && message.direction === 'out',
  );
  const [, uri = ''] = invite?.message.startLine.split(' ') ?? [];
  return uri === '' ? undefined : nameOf(uri);
}

function hasTarget(arrows: readonly Arrow[]): boolean {
  return arrows.some(({ message }) => message.leg === 'target');
}

/** The requests that the proxy has answered with a challenge: neither they nor the ACK of the challenge came to a telephone. */
function challengedBy(messages: readonly CallMessage[]): ReadonlySet<string> {
  return new Set(messages.filter(({ startLine }) => CHALLENGES.has(statusOf(startLine) ?? 0)).map(requestOf));
}

/** What a request, its responses and its ACK have in common, within the requests of one side of a leg. */
function requestOf({ leg, direction, startLine, cseq }: CallMessage): string {
  const isResponse = statusOf(startLine) !== undefined;
  const isOurs = isResponse === (direction === 'in');
  return `${leg} ${isOurs} ${Number.parseInt(cseq, 10)}`;
}

function statusOf(startLine: string): number | undefined {
  const [, status] = /^SIP\/2\.0 (\d{3})/i.exec(startLine) ?? [];
  return status === undefined ? undefined : Number(status);
}

function labelOf({ startLine, cseq }: CallMessage, status: number | undefined): string {
  if (status === undefined) return startLine.split(' ')[0] ?? startLine;
  const method = cseq.split(' ')[1];
  const text = startLine.replace(/^SIP\/2\.0 /i, '');
  return method === undefined || method === 'INVITE' ? text : `${text} (${method})`;
}

function toneOf(status: number | undefined): Arrow['tone'] {
  if (status === undefined) return 'request';
  if (status < 200) return 'provisional';
  if (status < 300) return 'success';
  return CHALLENGES.has(status) ? 'challenge' : 'failure';
}

/** A time since the first message, in seconds. */
export function offsetText(offsetMs: number): string {
  return `${offsetMs < 0 ? '−' : '+'}${(Math.abs(offsetMs) / 1000).toFixed(3)}`;
}

/** The ladder as text, for a message to whoever can help. */
export function ladderText(arrows: readonly Arrow[]): string {
  return arrows
    .map(({ message, from, to, label, offsetMs }) => {
      const time = offsetText(offsetMs).padStart(9);
      return `${time}  ${from.padStart(10)} -> ${to.padEnd(10)}  ${label}   [${message.cseq}]`;
    })
    .join('\n');
}
