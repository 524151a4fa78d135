import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import type { StatusLine } from '../support/status-lines.js';
import { textOf, type StreamMessage, StreamPeer } from '../support/stream-peer.js';

/** 64*T1 are 1.28 s. */
const sipT1Ms = 20;

/** The messages of a Refer call that goes well, in order. */
const CALL = [
  'INVITE',
  '100 INVITE',
  '180 INVITE',
  '200 INVITE',
  'ACK',
  'REFER',
  '202 REFER',
  'NOTIFY',
  '200 NOTIFY',
  'NOTIFY',
  '200 NOTIFY',
  'BYE',
  '200 BYE',
];

const RECORD = ['INVITE 100', 'INVITE 180', 'INVITE 200', 'REFER 202', 'NOTIFY 100', 'NOTIFY 200'];

describe('A Refer call over TCP whose connection is cut', function () {
  this.timeout(30_000);
  let peer: StreamPeer;
  let port: number;
  let phones: Phones;
  let container: Container;

  before(async () => {
    peer = await StreamPeer.open();
    port = peer.port;
    const users = CALL.flatMap((_, index) => [`fin${index}`, `rst${index}`, `gone${index}`]).map((userName) => ({
      userName,
      identity: `${userName}@example.com`,
      sipPassword: '123',
    }));
    const sipProxy = `sip:127.0.0.1:${port};transport=tcp`;
    container = await startContainer({ sipT1Ms, sipProxy, users });
    phones = new Phones(peer);
  });

  after(async () => {
    phones?.stop();
    await container?.stop();
    await peer?.close();
  });

  for (const [index, kind] of CALL.entries()) {
    for (const how of ['fin', 'rst'] as const) {
      it(`after message ${index + 1}, ${kind}, with ${how.toUpperCase()} goes on over another one, and all is recorded`, async () => {
        const user = `${how}${index}`;
        phones.cutAfter(user, index + 1, how);
        const path = `/callcontroller/${user}/other`;
        expect((await container.post(path)).status).to.equal(200);
        const record = await container.waitForStatus(path, (lines) => isFinal(lines.at(-1)), 5000);
        const outline = record.map(({ method, statusLine }) => `${method} ${statusLine.split(' ')[1]}`);
        expect([...new Set(outline)]).to.deep.equal(RECORD.filter((line) => outline.includes(line)));
        expect(outline).to.include.members(['INVITE 200', 'REFER 202', 'NOTIFY 200']);
        await phones.leaves(user);
      });
    }
  }

  /** After the called party's first progress the controller waits up to 180 s for more, and has nothing to send. */
  const WAITS = [8, 9];

  for (const [index, kind] of CALL.entries()) {
    if (WAITS.includes(index + 1)) continue;
    it(`after message ${index + 1}, ${kind}, for good ends, and its record says so`, async () => {
      const user = `gone${index}`;
      phones.cutAfter(user, index + 1, 'gone');
      const path = `/callcontroller/${user}/other`;
      expect((await container.post(path)).status).to.equal(200);
      const record = await container.waitForStatus(path, (lines) => isFinal(lines.at(-1)), 5000);
      const last = record.at(-1);
      const expected = index < 9 ? /SIP\/2\.0 (?:503 Service Unavailable|408 Request Timeout)$/ : / 200 | 503 | 408 /;
      expect(last?.statusLine).to.match(expected);
      await nothingLeft();
      phones.stop();
      peer = await StreamPeer.open({ port });
      phones = new Phones(peer);
    });
  }

  it('leaves nothing behind', async () => {
    await nothingLeft();
  });

  async function nothingLeft(): Promise<void> {
    const untilMs = performance.now() + 10_000;
    let counts = await container.sipCounts();
    while (isLeft(counts) && performance.now() < untilMs) counts = await container.sipCounts();
    expect(counts).to.include({ dialogs: 0, transactions: 0, retransmissions: 0 });
  }
});

function isLeft(counts: Readonly<Record<string, number>>): boolean {
  return ['dialogs', 'transactions', 'retransmissions'].some((name) => counts[name] !== 0);
}

/** Whether a line of the record is the last one of a call, or the answer to its REFER, which nothing may follow. */
function isFinal(line: StatusLine | undefined): boolean {
  const status = Number(line?.statusLine.split(' ')[1] ?? 0);
  return status >= 300 || (line?.method === 'NOTIFY' && status >= 200);
}

interface Cut {
  readonly after: number;
  /** `gone`: nobody listens. */
  readonly how: 'fin' | 'rst' | 'gone';
  seen: number;
}

/**
 * The telephones of all users behind one proxy. What goes missing in a cut they send again over another connection, as a server
 * does that answers retransmissions and repeats its 2xx until the ACK comes (RFC 3261 sections 13.3.1.4 and 17.2).
 */
class Phones {
  readonly #cuts = new Map<string, Cut>();
  /** The last answer to each transaction. */
  readonly #answers = new Map<string, number[]>();
  readonly #left = new Map<string, () => void>();
  readonly #gone = new Set<string>();
  #isDead = false;
  readonly #repetitions = new Set<NodeJS.Timeout>();

  constructor(private readonly peer: StreamPeer) {
    peer.onMessage((each) => this.#handle(each));
  }

  cutAfter(user: string, after: number, how: Cut['how']): void {
    this.#cuts.set(user, { after, how, seen: 0 });
  }

  /** Waits until the user's phone gets BYE. */
  async leaves(user: string): Promise<void> {
    if (this.#gone.has(user)) return;
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error(`no BYE for ${user}`)), 5000).unref();
      this.#left.set(user, resolve);
    });
  }

  stop(): void {
    this.#isDead = true;
    for (const repetition of this.#repetitions) clearInterval(repetition);
  }

  #handle(each: StreamMessage): void {
    const user = /sip:((?:fin|rst|gone)\d+)@/.exec(each.header('To') + each.header('From'))?.[1] ?? '';
    this.#cut(each, user);
    if (!each.isOurs) setImmediate(() => this.#answer(each, user));
  }

  #cut({ socket }: StreamMessage, user: string): void {
    const cut = this.#cuts.get(user);
    if (!cut) return;
    cut.seen += 1;
    if (cut.seen !== cut.after) return;
    if (cut.how === 'fin') socket.end();
    else if (cut.how === 'rst') socket.resetAndDestroy();
    else this.#die();
  }

  #die(): void {
    this.stop();
    void this.peer.close();
  }

  #answer(request: StreamMessage, user: string): void {
    const key = `${request.header('Via')} ${request.kind}`;
    const earlier = this.#answers.get(key);
    if (earlier) {
      this.#reply(request, earlier.at(-1) ?? 500, [this.#contact()]);
    } else if (request.kind === 'INVITE') {
      this.#answers.set(key, [200]);
      this.#reply(request, 100);
      this.#reply(request, 180, [this.#contact()]);
      this.#acceptUntilAck(request);
    } else if (request.kind === 'REFER') {
      this.#answers.set(key, [202]);
      this.#reply(request, 202, [this.#contact()]);
      this.#notify(request, 1, 'active', '100 Trying', () =>
        this.#notify(request, 2, 'terminated;reason=noresource', '200 OK', () => undefined),
      );
    } else if (request.kind === 'BYE') {
      this.#answers.set(key, [200]);
      this.#reply(request, 200);
      this.#gone.add(user);
      this.#left.get(user)?.();
    }
  }

  #reply(request: StreamMessage, status: number, lines?: readonly string[]): void {
    if (!this.#isDead) this.peer.reply(request, status, lines);
  }

  #contact(): string {
    return `Contact: <sip:phone@127.0.0.1:${this.peer.port};transport=tcp>`;
  }

  #acceptUntilAck(invite: StreamMessage): void {
    const callId = invite.header('Call-ID');
    const accept = (): void => this.#reply(invite, 200, [this.#contact()]);
    const again = setInterval(accept, 100);
    this.#repetitions.add(again);
    this.peer.onMessage((each) => {
      if (each.kind === 'ACK' && each.header('Call-ID') === callId) clearInterval(again);
    });
    accept();
  }

  /** Sends it until it is answered. */
  #notify(refer: StreamMessage, cseq: number, state: string, status: string, then: () => void): void {
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(refer.header('Contact'))?.[1]);
    const head = [
      `NOTIFY ${/<([^>]+)>/.exec(refer.header('Contact'))?.[1]} SIP/2.0`,
      `Via: SIP/2.0/TCP 127.0.0.1:${this.peer.port};branch=z9hG4bKn${cseq}${refer.header('Call-ID').slice(0, 12)}`,
      'Max-Forwards: 70',
      `From: ${refer.header('To')}`,
      `To: ${refer.header('From')}`,
      `Call-ID: ${refer.header('Call-ID')}`,
      `CSeq: ${cseq} NOTIFY`,
      'Event: refer',
      `Subscription-State: ${state}`,
      this.#contact(),
    ];
    const text = textOf(head, ['Content-Type: message/sipfrag', '', `SIP/2.0 ${status}`]);
    const send = (): void => {
      const { socket } = refer;
      if (this.#isDead) return;
      if (socket.writable) this.peer.send(text, socket);
      else void this.peer.sendTo(text, port);
    };
    const again = setInterval(send, 100);
    this.#repetitions.add(again);
    let isAnswered = false;
    this.peer.onMessage((each) => {
      const isAnswer = each.kind === '200 NOTIFY' && each.header('Call-ID') === refer.header('Call-ID');
      if (isAnswered || !isAnswer || each.header('CSeq') !== `${cseq} NOTIFY`) return;
      isAnswered = true;
      clearInterval(again);
      then();
    });
    send();
  }
}
