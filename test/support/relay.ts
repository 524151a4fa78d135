import { createHash } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { randomFrom } from './random.js';

/** A message that reached the relay, as received. */
export interface RelayedMessage {
  /** `INVITE`, or `200 INVITE` for a response. */
  readonly kind: string;
  /** UDP port that it came from. */
  readonly fromPort: number;
  readonly atMs: number;
  /** Whether the relay dropped the message. */
  readonly lost: boolean;
  readonly text: string;
}

/**
 * A stateless proxy (RFC 3261 16.11) on loopback that record-routes, records all messages, and can lose some.
 * A request to the domain goes to the phone named for its user; a request in a dialog goes to its Request-URI.
 */
export interface Relay {
  readonly port: number;
  /** All messages so far, oldest first. */
  readonly messages: readonly RelayedMessage[];
  /** Names the UDP port on 127.0.0.1 of a user's phone; `*` stands for everybody else. */
  register(user: string, phonePort: number): void;
  /** Drops the next message of a kind, for example `200 INVITE` or `BYE`. */
  loseNext(kind: string): void;
  close(): Promise<void>;
}

/** Called with each message before it is forwarded to a UDP port. A returned promise delays the message. */
export type Gate = (message: RelayedMessage, toPort: number) => Promise<void> | undefined;

/** Faults of a bad link, in either direction. */
export interface BadLink {
  /** Seed of the pseudo-random decisions. */
  readonly seed: number;
  /** Shares of messages, from 0 to 1. */
  readonly lost: number;
  readonly doubled: number;
  /** Delayed until the next message, or for `heldMs`. */
  readonly reordered: number;
  readonly heldMs: number;
}

/**
 * @param absorbsCopies forwards each message once: SIPp takes some retransmissions for errors, and with a small T1 these occur
 * whenever the machine is busy
 * @param badLink loses, duplicates and reorders messages
 * @param gate decides when a message is forwarded
 */
export async function startRelay({
  absorbsCopies = false,
  badLink,
  gate,
}: { absorbsCopies?: boolean; badLink?: BadLink; gate?: Gate } = {}): Promise<Relay> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const self = `127.0.0.1:${port}`;
  const phones = new Map<string, number>();
  const messages: RelayedMessage[] = [];
  const toLose = new Set<string>();
  const link = badLink && new Link(badLink, (onward) => socket.send(onward.text, onward.port, '127.0.0.1'));

  socket.on('message', (datagram, source) => {
    const text = datagram.toString('utf8');
    if (absorbsCopies && messages.some((message) => message.text === text)) return;
    const kind = kindOf(text);
    const lost = toLose.delete(kind);
    const message = { kind, fromPort: source.port, atMs: performance.now(), lost, text };
    messages.push(message);
    if (lost) return;
    const onward = text.startsWith('SIP/2.0 ')
      ? forwardResponse(text, self)
      : forwardRequest(text, self, source, phones);
    if (!onward) return;
    const pass = (): void => (link ? link.carry(onward) : socket.send(onward.text, onward.port, '127.0.0.1'));
    const opened = gate?.(message, onward.port);
    if (opened) void opened.then(pass);
    else pass();
  });

  return {
    port,
    messages,
    register: (user, phonePort) => void phones.set(user, phonePort),
    loseNext: (kind) => void toLose.add(kind),
    close: async () => {
      link?.close();
      socket.close();
      await once(socket, 'close');
    },
  };
}

class Link {
  readonly #held = new Map<Onward, NodeJS.Timeout>();
  readonly #random: () => number;

  constructor(
    private readonly link: BadLink,
    private readonly send: (onward: Onward) => void,
  ) {
    this.#random = randomFrom(link.seed);
  }

  carry(onward: Onward): void {
    const { lost, doubled, reordered, heldMs } = this.link;
    const fate = this.#random();
    if (fate < lost) return;
    if (fate < lost + reordered) {
      this.#held.set(
        onward,
        setTimeout(() => this.#release(onward), heldMs),
      );
      return;
    }
    this.send(onward);
    if (fate < lost + reordered + doubled) this.send(onward);
    for (const held of this.#held.keys()) this.#release(held);
  }

  close(): void {
    for (const timer of this.#held.values()) clearTimeout(timer);
  }

  #release(onward: Onward): void {
    clearTimeout(this.#held.get(onward));
    if (this.#held.delete(onward)) this.send(onward);
  }
}

interface Onward {
  readonly text: string;
  readonly port: number;
}

function forwardRequest(
  text: string,
  self: string,
  source: RemoteInfo,
  phones: Map<string, number>,
): Onward | undefined {
  const [, method, user = '', host = ''] = /^(\S+) sip:(?:([^@ ]*)@)?([^ ;?]+)/.exec(text) ?? [];
  const isLocal = host.startsWith('127.0.0.1:');
  const port = isLocal ? Number(host.slice('127.0.0.1:'.length)) : (phones.get(user) ?? phones.get('*'));
  if (!method || !port) return undefined;

  // The branch is derived from the received one, so that a retransmission, a CANCEL and the ACK of a failure get that of the INVITE (16.11).
  const branch = createHash('md5').update(branchOf(text)).digest('hex');
  const recordRoute = method === 'INVITE' && !isLocal ? `Record-Route: <sip:${self};lr>\r\n` : '';
  const onward = text
    .replace(/^(Via:[^\r]*?);rport(?=[;\r])/im, `$1;rport=${source.port};received=${source.address}`)
    .replace(new RegExp(`^Route: *<sip:${self};lr>(?:, *|\r\n)`, 'im'), (field) =>
      field.endsWith('\n') ? '' : 'Route: ',
    )
    .replace(/^Max-Forwards: *(\d+)/im, (_, hops: string) => `Max-Forwards: ${Number(hops) - 1}`)
    // All values in one field: SIPp remembers only the first Via field for a later response.
    .replace(/^Via: */im, `${recordRoute}Via: SIP/2.0/UDP ${self};branch=z9hG4bK${branch}, `);
  return { text: onward, port };
}

function forwardResponse(text: string, self: string): Onward | undefined {
  const own = new RegExp(`^Via: SIP/2.0/UDP ${self};branch=[^,\r]*(?:, *|\r\n)`, 'im');
  const onward = text.replace(own, (field) => (field.endsWith('\n') ? '' : 'Via: '));
  const [, sentBy, parameters = ''] = /^Via: *SIP\/2.0\/UDP 127\.0\.0\.1:(\d+)([^\r,]*)/im.exec(onward) ?? [];
  const port = /;rport=(\d+)/.exec(parameters)?.[1] ?? sentBy;
  return onward === text || !port ? undefined : { text: onward, port: Number(port) };
}

/** A request's method, or a response's status and method. */
function kindOf(text: string): string {
  const method = /^CSeq: *\d+ +(\w+)/im.exec(text)?.[1] ?? '';
  const status = /^SIP\/2\.0 (\d+)/.exec(text)?.[1];
  return status ? `${status} ${method}` : (/^\w+/.exec(text)?.[0] ?? '');
}

/** The branch of the topmost Via: with the method, the name of a transaction. */
export function branchOf(text: string): string {
  return /^Via:[^\r]*?;branch=([^;,\r]+)/im.exec(text)?.[1] ?? '';
}
