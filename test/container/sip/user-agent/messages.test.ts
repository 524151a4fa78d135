import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { parseMessage, RequestMessage } from '../../../../container/sip/message/parser/index.js';
import { TakenMessages } from '../../../../container/sip/user-agent/taken-messages.js';
import type { IncomingRequest } from '../../../../sdk/index.js';
import { newCallId, NOTHING_LEFT, nothingLeft, Rig, SDP, takeCalls, T1_MS } from '../rig.js';

const greeting = { method: 'MESSAGE', body: 'Hello', headers: ['Content-Type: text/plain'] };

describe('A MESSAGE to a plugin', () => {
  let rig: Rig;

  beforeEach(async () => {
    rig = await Rig.open();
  });

  afterEach(async () => {
    await rig.close();
    expect(rig.log.lines).to.deep.equal([]);
  });

  it('reaches its handler, whose reply goes back', async () => {
    const taken = takeMessages(rig);
    rig.call({ ...greeting, from: '"Caller" <sip:caller@example.com>;tag=c' });
    const message = await taken();
    expect(message).to.include({ method: 'MESSAGE', uri: `sip:controller@127.0.0.1:${rig.stack.port}`, cseq: 1 });
    expect(message.body).to.deep.equal({ contentType: 'text/plain', content: 'Hello' });
    expect(message.header('From')).to.equal('"Caller" <sip:caller@example.com>;tag=c');
    message.reply(202, { reason: 'Later', headers: [['X-More', 'yes']] });
    const answer = await rig.peer.take('202 MESSAGE');
    expect(answer.startLine).to.equal('SIP/2.0 202 Later');
    expect(answer.header('X-More')).to.equal('yes');
    expect(answer.header('Contact')).to.equal('');
    expect(answer.header('To')).to.match(/;tag=\w{16}$/);
  });

  it('has the claimed sender and the addressee', async () => {
    const taken = takeMessages(rig);
    for (const [from, uri, address, displayName] of [
      [
        '"Smith, \\"Bob\\"" <sip:bob@Example.com:5070;user=phone>;tag=a',
        'sip:bob@example.com:5070;user=phone',
        'bob@example.com',
        'Smith, "Bob"',
      ],
      ['sip:201@example.com;tag=b', 'sip:201@example.com', '201@example.com', ''],
      ['<tel:+4930123456;phone-context=x>;tag=c', 'tel:+4930123456;phone-context=x', '+4930123456', ''],
      ['Anonymous <sip:[2001:db8::1]>;tag=d', 'sip:[2001:db8::1]', '', 'Anonymous'],
    ] as const) {
      rig.call({ ...greeting, callId: newCallId(), from });
      const message = await taken();
      expect(message.from, from).to.deep.equal({ uri, address, displayName });
      expect(message.to.address).to.equal('controller@example.com');
      message.reply(200);
      await rig.peer.take('200 MESSAGE');
    }
  });

  it('is shown once, and its copies get the same answer', async () => {
    const taken = takeMessages(rig);
    const text = rig.call(greeting);
    const message = await taken();
    rig.peer.send(text, rig.stack.port);
    message.reply(200);
    rig.peer.send(text, rig.stack.port);
    const [first, second] = await rig.peer.count('200 MESSAGE', 2);
    expect(second?.text).to.equal(first?.text);
    expect(taken.waiting()).to.equal(0);
  });

  it('is taken once when it arrives on two ways', async () => {
    const taken = takeMessages(rig);
    const callId = newCallId();
    rig.call({ ...greeting, callId });
    const message = await taken();
    rig.call({ ...greeting, callId });
    await rig.peer.take('482 MESSAGE');
    message.reply(200);
    await rig.peer.take('200 MESSAGE');
    expect(taken.waiting()).to.equal(0);
  });

  it('has one final response, and no other before it', async () => {
    const taken = takeMessages(rig);
    rig.call(greeting);
    const message = await taken();
    for (const status of [100, 180]) message.reply(status);
    for (const status of [Number.NaN, 20, 700, 200.5]) expect(() => message.reply(status)).to.throw('Invalid status');
    message.reply(415, { headers: [['Accept', 'text/html']] });
    message.reply(200);
    rig.call({ method: 'OPTIONS' });
    await rig.peer.take('200 OPTIONS');
    expect(rig.peer.received.map(({ kind }) => kind)).to.deep.equal(['415 MESSAGE', '200 OPTIONS']);
  });

  it('is another one when its sender keeps the Call-ID and counts on', async () => {
    const taken = takeMessages(rig);
    const callId = newCallId();
    for (const cseq of [1, 2]) {
      rig.call({ ...greeting, callId, cseq });
      const message = await taken();
      expect(message.cseq).to.equal(cseq);
      message.reply(200);
      await rig.peer.take('200 MESSAGE');
    }
  });

  it('is forgotten after 64*T1, answered or not', async () => {
    await rig.close();
    rig = await Rig.open({ t1Ms: T1_MS });
    const taken = takeMessages(rig);
    rig.call(greeting);
    (await taken()).reply(200);
    rig.call(greeting);
    const unanswered = await taken();
    expect(await nothingLeft(rig.stack)).to.deep.equal(NOTHING_LEFT);
    unanswered.reply(200);
    rig.call({ method: 'OPTIONS' });
    await rig.peer.take('200 OPTIONS');
    expect(rig.peer.all('200 MESSAGE')).to.have.length(1);
  });

  it('is announced in Allow, and refused 405 as long as nobody wants it', async () => {
    rig.call(greeting);
    expect((await rig.peer.take('405 MESSAGE')).header('Allow')).to.equal('INVITE, ACK, BYE, CANCEL, OPTIONS');
    takeMessages(rig);
    rig.call({ method: 'OPTIONS' });
    rig.call({ method: 'PUBLISH' });
    for (const kind of ['200 OPTIONS', '405 PUBLISH'])
      expect((await rig.peer.take(kind)).header('Allow')).to.equal('INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE');
    rig.call({ ...greeting, to: '<sip:controller@example.com>;tag=gone' });
    await rig.peer.take('481 MESSAGE');
  });

  it('goes to one handler only, beside that of calls', async () => {
    takeMessages(rig);
    expect(() => takeMessages(rig)).to.throw('Somebody else takes SIP MESSAGE to "controller" already');
    const call = takeCalls(rig.sip);
    rig.call();
    (await call()).leg.accept(SDP);
    await rig.peer.take('200 INVITE');
  });

  for (const [how, fail] of [
    ['throws', () => raise()],
    ['rejects', () => Promise.reject(new Error('no idea'))],
    ['replies what is no reply', (message: IncomingRequest) => message.reply(200, { reason: 'a\r\nb' })],
  ] as const) {
    it(`is answered 500 when its handler ${how}, which is logged, and the next plugin's goes on`, async () => {
      const taken = takeMessages(rig);
      rig.stack.forPlugin('faulty', rig.log).onMessage(fail);
      rig.call({ ...greeting, uri: `sip:faulty@127.0.0.1:${rig.stack.port}` });
      await rig.peer.take('500 MESSAGE');
      expect(rig.log.lines.splice(0).join()).to.match(/^SIP listener failed .*(no idea|Control character)/);
      rig.call(greeting);
      (await taken()).reply(200);
      await rig.peer.take('200 MESSAGE');
    });
  }
});

describe('A flood of MESSAGEs', () => {
  it('takes bounded memory: 10000 are accepted in 64*T1, and the next has to be repeated later', () => {
    const sent: string[] = [];
    let shown = 0;
    const address = '127.0.0.1';
    const origin = { transport: 'UDP', address, port: 5060, replyPort: 5060, sentByHost: address } as const;
    const messages = new TakenMessages((response) => sent.push(response));
    try {
      for (let index = 0; index <= 10_000; index++) {
        const message = parseMessage(Buffer.from(messageText(index)));
        if (!(message instanceof RequestMessage)) throw new TypeError('This is no request');
        messages.take(message, origin, () => (shown += 1));
      }
      expect([shown, messages.size, sent.length]).to.deep.equal([10_000, 10_000, 1]);
      expect(sent[0]).to.match(/^SIP\/2\.0 503 .*\r\nRetry-After: 32\r\n/s);
    } finally {
      messages.clear();
    }
    expect(messages.size).to.equal(0);
  });
});

function messageText(index: number): string {
  return [
    'MESSAGE sip:controller@example.com SIP/2.0',
    `Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK${index}`,
    'From: <sip:caller@example.com>;tag=caller',
    'To: <sip:controller@example.com>',
    `Call-ID: ${index}`,
    'CSeq: 1 MESSAGE',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** Takes the messages to the rig's plugin, one after the other. */
function takeMessages({ sip }: Rig): (() => Promise<IncomingRequest>) & { waiting(): number } {
  const messages: IncomingRequest[] = [];
  const arrivals = new EventEmitter();
  sip.onMessage((message) => {
    messages.push(message);
    arrivals.emit('message');
  });
  const take = async (): Promise<IncomingRequest> => {
    if (messages.length === 0) await once(arrivals, 'message', { signal: AbortSignal.timeout(3000) });
    const message = messages.shift();
    if (!message) throw new Error('No message came');
    return message;
  };
  return Object.assign(take, { waiting: () => messages.length });
}

function raise(): never {
  throw new Error('no idea');
}
