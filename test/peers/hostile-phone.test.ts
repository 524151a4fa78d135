import { expect } from 'chai';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import type { ProxiedRequest } from '../support/peers/kamailio.js';
import { requirePeers } from '../support/peers/programs.js';
import { register } from '../support/peers/registration.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\n';
const timeoutMs = 5000;

/** Telephones of user1, who is hostile, and of user2, that do nothing by themselves, at a real proxy. */
class Domain {
  #calls = 0;

  private constructor(
    readonly peers: ProxyDomain,
    readonly hostile: SipPeer,
    readonly other: SipPeer,
  ) {}

  static async start(options: Parameters<typeof startProxyDomain>[0] = {}): Promise<Domain> {
    const domain = new Domain(await startProxyDomain(options), await SipPeer.open(), await SipPeer.open());
    await register(domain.peers.kamailio, { userName: 'user1', password: '123' }, domain.hostile.port);
    await register(domain.peers.kamailio, { userName: 'user2', password: '123' }, domain.other.port);
    return domain;
  }

  /** A live challenge of the proxy, as the hostile telephone gets it for a call in the name of user3. */
  async fetchChallenge(): Promise<string> {
    const thief = await SipPeer.open();
    const from = '<sip:user3@example.com>;tag=thief';
    const uri = 'sip:premium@example.com';
    const callId = `theft-${++this.#calls}@127.0.0.1`;
    thief.request({ method: 'INVITE', uri, callId, cseq: 1, from, to: `<${uri}>` }, this.peers.kamailio.port);
    const challenge = (await thief.take('407 INVITE')).header('Proxy-Authenticate');
    await thief.close();
    return challenge;
  }

  /** Whether the controller has sent its credentials with such requests. */
  credentialed(fits: (request: ProxiedRequest) => boolean): number {
    const from = `127.0.0.1:${this.peers.container.sipPort}`;
    return this.peers.kamailio
      .requests()
      .filter((each) => each.kind === 'request' && each.source === from && each.credentials !== undefined && fits(each))
      .length;
  }

  /** An Invite call of user3's that both telephones answer: the hostile one is to get its re-INVITE. */
  async answer(headersOf: (invite: Received) => readonly string[]): Promise<void> {
    await this.peers.container.post('/callcontroller/user1/user2?agent=user3&sipMethod=Invite');
    const first = await this.hostile.take('INVITE', timeoutMs);
    this.hostile.reply(first, 200, { body: SDP, headers: headersOf(first) });
    const second = await this.other.take('INVITE', timeoutMs);
    this.other.reply(second, 200, { body: SDP, headers: routeOf(second) });
  }

  async stop(): Promise<void> {
    await this.peers.stop();
    await this.hostile.close();
    await this.other.close();
  }
}

/** A telephone repeats the Record-Route in its answer. */
function routeOf(request: Received): string[] {
  return request.headers('Record-Route').map((route) => `Record-Route: ${route}`);
}

/** Credentials that have come through to a telephone. */
function stolen(phone: SipPeer): string[] {
  return phone.received.flatMap((each) => [...each.headers('Authorization'), ...each.headers('Proxy-Authorization')]);
}

describe('A hostile telephone at a Kamailio proxy', function () {
  this.timeout(30_000);
  let domain: Domain;

  beforeEach(async function () {
    requirePeers(this, 'kamailio');
    domain = await Domain.start();
  });

  afterEach(async () => {
    await domain?.stop();
  });

  for (const [title, status, name, ending] of [
    ['401', 401, 'WWW-Authenticate', ''],
    ['407', 407, 'Proxy-Authenticate', ''],
    ['407 that calls the nonce stale', 407, 'Proxy-Authenticate', ', stale=true'],
  ] as const) {
    it(`gets no credentials for a nonce of the proxy by its own ${title}`, async () => {
      const { container } = domain.peers;
      const path = '/callcontroller/user1/user2?agent=user3';
      await container.post(path);
      const invite = await domain.hostile.take('INVITE', timeoutMs);
      const challenge = await domain.fetchChallenge();
      domain.hostile.reply(invite, status, { headers: [`${name}: ${challenge}${ending}`] });
      await container.waitForStatus(path, (events) => events.some(isChallengeOf(status, 2)), timeoutMs);
      await domain.hostile.take('ACK');
      expect(domain.credentialed(({ method }) => method === 'INVITE')).to.equal(1);
      expect(stolen(domain.hostile)).to.deep.equal([]);
    });
  }

  it('gets no credentials with a re-INVITE that the proxy passes on, and none by challenging it', async () => {
    await domain.answer(routeOf);
    const reinvite = await domain.hostile.take('INVITE', timeoutMs);
    const challenge = await domain.fetchChallenge();
    domain.hostile.reply(reinvite, 407, { headers: [`Proxy-Authenticate: ${challenge}`] });
    await domain.hostile.take('BYE', timeoutMs);
    expect(stolen(domain.hostile)).to.deep.equal([]);
    expect(domain.hostile.all('INVITE').filter(({ cseq }) => cseq > reinvite.cseq)).to.deep.equal([]);
  });

  it('of the same host that has hidden the proxy gets no request at all, and the other one is hung up on', async () => {
    await domain.answer(() => []);
    await domain.other.take('BYE', timeoutMs);
    expect(domain.hostile.received.map(({ kind }) => kind)).to.deep.equal(['INVITE']);
  });
});

describe('A Kamailio proxy that challenges each request in a dialog', function () {
  this.timeout(30_000);
  let domain: Domain;

  beforeEach(async function () {
    requirePeers(this, 'kamailio');
    domain = await Domain.start({ challengeInDialog: ['INVITE', 'BYE'], oneTimeNonces: true });
  });

  afterEach(async () => {
    await domain?.stop();
  });

  it('passes the re-INVITE and the BYE of an Invite call, and keeps their credentials to itself', async () => {
    await domain.answer(routeOf);
    const reinvite = await domain.hostile.take('INVITE', timeoutMs);
    domain.hostile.reply(reinvite, 200, { body: SDP, headers: routeOf(reinvite) });
    await domain.other.take('ACK', timeoutMs);
    const stopping = domain.peers.container.stop();
    for (const phone of [domain.hostile, domain.other]) phone.reply(await phone.take('BYE', timeoutMs), 200);
    await stopping;
    const isInDialog = ({ method, cseq }: ProxiedRequest): boolean => method === 'BYE' || cseq >= reinvite.cseq;
    expect(domain.credentialed(isInDialog)).to.equal(3);
    expect(stolen(domain.hostile).concat(stolen(domain.other))).to.deep.equal([]);
  });
});

/** Finds the event that is so many challenges of the INVITE after the start. */
function isChallengeOf(status: number, times: number): (event: { statusLine: string }) => boolean {
  let count = 0;
  return ({ statusLine }) => {
    if (/^SIP\/2\.0 40[17] /.test(statusLine)) count += 1;
    return count >= times && statusLine.startsWith(`SIP/2.0 ${status} `);
  };
}
