import { expect } from 'chai';
import * as fc from 'fast-check';
import { Digest } from '../../../plugins/sandbox/digest.js';
import { parseMessage, serialize } from '../../../plugins/sandbox/message.js';
import { ProxySocket } from '../../../plugins/sandbox/proxy-socket.js';
import { Proxy } from '../../../plugins/sandbox/proxy.js';
import type { Log } from '../../../sdk/index.js';
import { authorize } from './authorize.js';
import { UdpPeer, fields, startLine } from './udp-peer.js';

const domain = 'example.com';
const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  readonly maxForwards?: string;
  readonly headers?: readonly string[];
  readonly omit?: string;
  readonly body?: string;
}

describe('the sandbox proxy', () => {
  let socket: ProxySocket;
  let caller: UdpPeer;
  let telephone: UdpPeer;
  let proxyPort: number;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = Date.now();
    [caller, telephone] = await Promise.all([UdpPeer.open(), UdpPeer.open()]);
    socket = new ProxySocket(silent);
    const self = await socket.open(0);
    proxyPort = self.port;
    const digest = new Digest({
      realm: domain,
      passwordOf: (userName) => (userName === 'user1' ? '123' : undefined),
      now: () => nowMs,
    });
    const locate = (user: string) => (user === 'user2' ? { address: '127.0.0.1', port: telephone.port } : undefined);
    socket.serve(new Proxy({ self, domain, digest, locate }));
  });

  afterEach(async () => {
    await Promise.all([socket.close(), caller.close(), telephone.close()]);
  });

  function request(parts: RequestParts = {}): string {
    const { method = 'INVITE', uri = `sip:user2@${domain}`, branch = 'z9hG4bKcaller', body = '' } = parts;
    const lines = [
      `Via: SIP/2.0/UDP 127.0.0.1:${caller.port};branch=${branch};rport`,
      `Max-Forwards: ${parts.maxForwards ?? '70'}`,
      `From: "User, One" <sip:user1@${domain}>;tag=from1`,
      `To: <sip:user2@${domain}>`,
      'Call-ID: call1@127.0.0.1',
      `CSeq: 1 ${method}`,
      `Contact: <sip:user1@127.0.0.1:${caller.port}>`,
      ...(parts.headers ?? []),
      `Content-Length: ${body.length}`,
    ].filter((line) => !line.startsWith(`${parts.omit}:`));
    return [`${method} ${uri} SIP/2.0`, ...lines, '', body].join('\r\n');
  }

  async function exchange(text: string): Promise<string> {
    caller.send(text, proxyPort);
    return caller.next();
  }

  /** The challenge that an INVITE without credentials gets. */
  async function challenge(): Promise<string> {
    expect(startLine(await exchange(request()))).to.equal('SIP/2.0 100 Trying');
    const [value] = fields(await caller.next(), 'Proxy-Authenticate');
    return value!;
  }

  function answer(value: string, parts: RequestParts = {}, password = '123', userName = 'user1'): string {
    const { method = 'INVITE', uri = `sip:user2@${domain}` } = parts;
    const credentials = authorize(value, { method, uri, userName, password });
    const headers = [...(parts.headers ?? []), `Proxy-Authorization: ${credentials}`];
    return request({ ...parts, branch: 'z9hG4bKsecond', headers });
  }

  async function refusalOf(text: string): Promise<string> {
    expect(startLine(await exchange(text))).to.equal('SIP/2.0 100 Trying');
    return caller.next();
  }

  it('challenges an INVITE with 407 for the domain, after 100 Trying', async () => {
    const refusal = await refusalOf(request());
    expect(startLine(refusal)).to.equal('SIP/2.0 407 Proxy Authentication Required');
    expect(fields(refusal, 'Proxy-Authenticate')[0]).to.match(
      /^Digest realm="example\.com", nonce="[^"]+", algorithm=MD5, qop="auth"$/,
    );
    expect(fields(refusal, 'To')[0]).to.match(/;tag=\w+$/);
    expect(fields(refusal, 'From')).to.deep.equal(['"User, One" <sip:user1@example.com>;tag=from1']);
  });

  for (const method of ['REFER', 'MESSAGE', 'SUBSCRIBE', 'INFO']) {
    it(`challenges ${method}, without 100 Trying`, async () => {
      expect(startLine(await exchange(request({ method })))).to.match(/^SIP\/2\.0 407 /);
    });
  }

  for (const method of ['BYE', 'NOTIFY', 'OPTIONS', 'CANCEL', 'ACK']) {
    it(`lets ${method} pass without credentials`, async () => {
      caller.send(request({ method }), proxyPort);
      expect(startLine(await telephone.next())).to.match(new RegExp(`^${method} `));
    });
  }

  it("carries an INVITE with the right password to the called user's telephone, record-routed, the password's trace removed", async () => {
    const value = await challenge();
    caller.send(answer(value, { body: 'v=0\r\n\xff' }), proxyPort);
    const invite = await telephone.next();
    expect(startLine(invite)).to.equal(`INVITE sip:user2@127.0.0.1:${telephone.port} SIP/2.0`);
    expect(fields(invite, 'Record-Route')).to.deep.equal([`<sip:127.0.0.1:${proxyPort};lr>`]);
    expect(fields(invite, 'Max-Forwards')).to.deep.equal(['69']);
    expect(fields(invite, 'Proxy-Authorization')).to.deep.equal([]);
    const [own, callers] = fields(invite, 'Via');
    expect(own).to.match(new RegExp(`^SIP/2\\.0/UDP 127\\.0\\.0\\.1:${proxyPort};branch=z9hG4bK\\w{20,}$`));
    expect(callers).to.contain(`received=127.0.0.1;rport=${caller.port}`);
    expect(invite.endsWith('\r\n\r\nv=0\r\n\xff')).to.equal(true);
  });

  it('leaves the credentials for another realm in the request', async () => {
    caller.send(request({ method: 'OPTIONS', headers: ['Proxy-Authorization: Digest realm="other.org"'] }), proxyPort);
    expect(fields(await telephone.next(), 'Proxy-Authorization')).to.deep.equal(['Digest realm="other.org"']);
  });

  it('forwards responses to the source of the request, except 100', async () => {
    caller.send(answer(await challenge()), proxyPort);
    const invite = await telephone.next();
    expect(startLine(await caller.next())).to.equal('SIP/2.0 100 Trying');
    const lines = invite.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq|Record-Route):/.test(line));
    for (const status of ['100 Trying', '180 Ringing']) {
      telephone.send([`SIP/2.0 ${status}`, ...lines, 'Content-Length: 0', '', ''].join('\r\n'), proxyPort);
    }
    const ringing = await caller.next();
    expect(startLine(ringing)).to.equal('SIP/2.0 180 Ringing');
    expect(fields(ringing, 'Via')).to.have.length(1);
    expect(fields(ringing, 'Via')[0]).to.contain(`127.0.0.1:${caller.port};branch=z9hG4bKsecond`);
  });

  it('gives the retransmission, the CANCEL and the ACK of an INVITE the same branch, and another call another', async () => {
    const invite = answer(await challenge());
    const branches: string[] = [];
    const cancel = request({ method: 'CANCEL', branch: 'z9hG4bKsecond' });
    const ack = request({ method: 'ACK', branch: 'z9hG4bKsecond' });
    for (const text of [invite, invite, cancel, ack, request({ method: 'OPTIONS', branch: 'z9hG4bKother' })]) {
      caller.send(text, proxyPort);
      branches.push(fields(await telephone.next(), 'Via')[0]!);
    }
    expect(new Set(branches.slice(0, 4)).size).to.equal(1);
    expect(branches[4]).to.not.equal(branches[0]);
  });

  it('keeps the ACK of its own 407 to itself', async () => {
    await challenge();
    caller.send(request({ method: 'ACK' }), proxyPort);
    caller.send(request({ method: 'OPTIONS', branch: 'z9hG4bKnext' }), proxyPort);
    expect(startLine(await telephone.next())).to.match(/^OPTIONS /);
  });

  it('follows its own Route and then the Request-URI inside a dialog', async () => {
    const other = await UdpPeer.open();
    const headers = [`Route: <sip:127.0.0.1:${proxyPort};lr>, <sip:${domain};lr>`];
    caller.send(request({ method: 'BYE', uri: `sip:callcontroller@127.0.0.1:${other.port}`, headers }), proxyPort);
    const bye = await other.next();
    await other.close();
    expect(startLine(bye)).to.equal(`BYE sip:callcontroller@127.0.0.1:${other.port} SIP/2.0`);
    expect(fields(bye, 'Route')).to.deep.equal([]);
  });

  it('follows a further Route', async () => {
    const headers = [`Route: <sip:127.0.0.1:${proxyPort};lr>`, `Route: <sip:127.0.0.1:${telephone.port};lr>`];
    caller.send(request({ method: 'OPTIONS', uri: 'sip:someone@elsewhere.org', headers }), proxyPort);
    expect(startLine(await telephone.next())).to.equal('OPTIONS sip:someone@elsewhere.org SIP/2.0');
  });

  it('challenges again when the password is wrong', async () => {
    const refusal = await refusalOf(answer(await challenge(), {}, '124'));
    expect(startLine(refusal)).to.match(/^SIP\/2\.0 407 /);
    expect(fields(refusal, 'Proxy-Authenticate')[0]).to.not.contain('stale');
  });

  it('challenges again when nobody has the user name', async () => {
    const refusal = await refusalOf(answer(await challenge(), {}, '123', 'nobody'));
    expect(startLine(refusal)).to.match(/^SIP\/2\.0 407 /);
  });

  it('challenges again when the credentials were made for another request', async () => {
    const value = await challenge();
    const credentials = authorize(value, {
      method: 'INVITE',
      uri: 'sip:user3@example.com',
      userName: 'user1',
      password: '123',
    });
    const refusal = await refusalOf(request({ headers: [`Proxy-Authorization: ${credentials}`] }));
    expect(startLine(refusal)).to.match(/^SIP\/2\.0 407 /);
  });

  it('challenges again, as if nothing had been sent, when the nonce is forged', async () => {
    const forged = (await challenge()).replace(/nonce="(.)/, (_, first) => `nonce="${first === 'z' ? 'y' : 'z'}`);
    const refusal = await refusalOf(answer(forged));
    expect(startLine(refusal)).to.match(/^SIP\/2\.0 407 /);
    expect(fields(refusal, 'Proxy-Authenticate')[0]).to.not.contain('stale');
  });

  it('says stale=true when the right password comes with a nonce that has expired', async () => {
    const value = await challenge();
    nowMs += 301_000;
    const refusal = await refusalOf(answer(value));
    expect(fields(refusal, 'Proxy-Authenticate')[0]).to.contain('stale=true');
  });

  it('answers 404 for a user that does not exist', async () => {
    const uri = `sip:nobody@${domain}`;
    expect(startLine(await refusalOf(answer(await challenge(), { uri })))).to.equal('SIP/2.0 404 Not Found');
  });

  it('answers 404 for a host that is not on loopback', async () => {
    expect(startLine(await exchange(request({ method: 'OPTIONS', uri: 'sip:user2@192.0.2.1' })))).to.match(/ 404 /);
  });

  it('answers 483 when Max-Forwards is used up', async () => {
    expect(startLine(await exchange(request({ method: 'OPTIONS', maxForwards: '0' })))).to.match(/ 483 /);
  });

  it('answers 416 for a URI that is not a SIP URI', async () => {
    expect(startLine(await exchange(request({ method: 'OPTIONS', uri: 'tel:+15551234' })))).to.match(/ 416 /);
  });

  for (const omit of ['From', 'To', 'Call-ID', 'CSeq']) {
    it(`answers 400 when ${omit} is missing`, async () => {
      expect(startLine(await exchange(request({ method: 'OPTIONS', omit })))).to.equal(`SIP/2.0 400 Missing ${omit}`);
    });
  }

  it('answers 400 when CSeq names another method', async () => {
    const text = request({ method: 'OPTIONS' }).replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE');
    expect(startLine(await exchange(text))).to.match(/ 400 /);
  });

  it('reads compact forms, folded lines and lists of Vias', async () => {
    const text = request({ method: 'OPTIONS' })
      .replace('From:', 'f :')
      .replace('To: ', 't:\r\n  ')
      .replace('Via:', 'v: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKtop;rport,');
    caller.send(text, proxyPort);
    const vias = fields(await telephone.next(), 'Via');
    expect(vias).to.have.length(3);
    expect(vias[1]).to.contain('branch=z9hG4bKtop').and.to.contain(`rport=${caller.port}`);
  });

  it('drops garbage and stays up', async () => {
    const garbage = [
      '',
      '\r\n\r\n',
      'hello',
      'INVITE sip:user2@example.com SIP/2.0\r\n\r\n',
      request({ omit: 'Via' }),
      request().replace('Via: SIP/2.0/UDP 127.0.0.1', 'Via: SIP/2.0/UDP ]['),
      request().replace('Content-Length: 0', 'Content-Length: 99'),
      request().replace('Call-ID:', 'Call-ID'),
      request({ headers: ['Subject: a\0b'] }),
      request({ headers: [`Subject: ${'x'.repeat(20_000)}`] }),
      request({ headers: Array.from({ length: 300 }, () => 'X-A: b') }),
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:1\r\n\r\n',
    ];
    for (const text of garbage) caller.send(text, proxyPort);
    expect(startLine(await exchange(request({ method: 'OPTIONS', maxForwards: '0' })))).to.match(/ 483 /);
  });

  it('survives any damage to a message', () => {
    const self = { address: '127.0.0.1', port: proxyPort };
    const digest = new Digest({ realm: domain, passwordOf: () => '123', now: () => nowMs });
    const proxy = new Proxy({ self, domain, digest, locate: () => self });
    const intact = request({ headers: ['Proxy-Authorization: Digest realm="example.com", nonce="a", nc=1'] });
    const damage = fc.array(fc.tuple(fc.nat(intact.length), fc.nat(8), fc.string({ maxLength: 8, unit: 'binary' })));
    fc.assert(
      fc.property(damage, (cuts) => {
        let text = intact;
        for (const [at, length, replacement] of cuts) text = text.slice(0, at) + replacement + text.slice(at + length);
        const message = parseMessage(Buffer.from(text, 'latin1'));
        const outgoing = message ? proxy.handle(message, self) : [];
        for (const { message: sent } of outgoing) expect(parseMessage(serialize(sent))).to.not.equal(undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('fails to start, and says so, when its port is taken', async () => {
    const second = new ProxySocket(silent);
    const error = await second.open(proxyPort).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    await second.close();
    expect(String(error)).to.contain('EADDRINUSE');
  });
});
