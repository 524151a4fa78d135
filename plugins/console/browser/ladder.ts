import type { Message } from './call.js';

/** Who stands at the top of a ladder, from left to right. */
export const LANES = ['caller', 'proxy', 'controller', 'callee'] as const;
export type Lane = (typeof LANES)[number];

/** A message as an arrow between two lanes. */
export interface Arrow {
  readonly message: Message;
  readonly from: Lane;
  readonly to: Lane;
  /** Method, or status code and reason. */
  readonly label: string;
  readonly tone: 'request' | 'provisional' | 'success' | 'challenge' | 'failure';
  /** Milliseconds since the first message. */
  readonly offsetMs: number;
}

/** What the proxy answers itself: it has taken a request over, or asks for credentials. */
const OF_THE_PROXY = new Set([100, 401, 407]);

export function arrowsOf(messages: readonly Message[]): readonly Arrow[] {
  const startMs = Date.parse(messages[0]?.at ?? '');
  return messages.map((message) => {
    const status = statusOf(message.startLine);
    const peer = peerOf(message, status);
    const isSent = /^(?:out|sent|send)/i.test(message.direction);
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

function peerOf({ leg }: Message, status: number | undefined): Lane {
  if (status !== undefined && OF_THE_PROXY.has(status)) return 'proxy';
  return leg === 'callee' || leg === 'called' ? 'callee' : 'caller';
}

function statusOf(startLine: string): number | undefined {
  const [, status] = /^SIP\/2\.0 (\d{3})/i.exec(startLine) ?? [];
  return status === undefined ? undefined : Number(status);
}

function labelOf({ startLine, cseq }: Message, status: number | undefined): string {
  if (status === undefined) return startLine.split(' ')[0] ?? startLine;
  const method = cseq.split(' ')[1];
  const text = startLine.replace(/^SIP\/2\.0 /i, '');
  return method === undefined || method === 'INVITE' ? text : `${text} (${method})`;
}

function toneOf(status: number | undefined): Arrow['tone'] {
  if (status === undefined) return 'request';
  if (status < 200) return 'provisional';
  if (status < 300) return 'success';
  return status === 401 || status === 407 ? 'challenge' : 'failure';
}

/** The ladder as text, for a message to whoever can help. */
export function ladderText(arrows: readonly Arrow[]): string {
  return arrows
    .map(({ message, from, to, label, offsetMs }) => {
      const time = `+${(offsetMs / 1000).toFixed(3)}`.padStart(9);
      return `${time}  ${from.padStart(10)} -> ${to.padEnd(10)}  ${label}   [${message.cseq}]`;
    })
    .join('\n');
}
