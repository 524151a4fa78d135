import { expect } from 'chai';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { clockMs, Dns } from '../../container/sip/location/dns/dns.js';
import { Locator, type LocatorOptions } from '../../container/sip/location/locator.js';
import type { Hop } from '../../container/sip/location/next-hop.js';
import { targetName } from '../../container/sip/location/resting.js';
import { type DnsServer, startDnsServer, type Zone } from '../support/peers/dns.js';
import { requirePeers } from '../support/peers/programs.js';
import { rejection } from '../support/rejection.js';

const zone: Zone = {
  addresses: [
    { name: 'one.example.com', address: '127.0.1.1' },
    { name: 'two.example.com', address: '127.0.1.2', ttl: 1 },
    { name: 'three.example.com', address: '127.0.1.3', ttl: 86_400 },
    { name: 'three.example.com', address: '::3' },
    { name: 'four.example.com', address: '127.0.1.4' },
    { name: 'both.example.com', address: '127.0.1.8' },
    { name: 'both.example.com', address: '127.0.1.9' },
    { name: 'without.example.com', address: '127.0.1.5' },
  ],
  services: [
    { name: '_sip._udp.ranked.example.com', target: 'two.example.com', port: 5070, priority: 20 },
    { name: '_sip._udp.ranked.example.com', target: 'nowhere.example.com', port: 5080, priority: 5 },
    { name: '_sip._udp.ranked.example.com', target: 'one.example.com', port: 5060, priority: 10 },
    { name: '_sip._tcp.ranked.example.com', target: 'three.example.com', port: 5090 },
    { name: '_sips._tcp.ranked.example.com', target: 'four.example.com', port: 5061 },
    { name: '_sip._udp.weighted.example.com', target: 'one.example.com', weight: 10 },
    { name: '_sip._udp.weighted.example.com', target: 'two.example.com', weight: 90 },
    { name: '_udp.pointed.example.com', target: 'one.example.com', port: 5081 },
    { name: '_tcp.pointed.example.com', target: 'two.example.com', port: 5082 },
    { name: '_tls.pointed.example.com', target: 'three.example.com', port: 5083 },
    { name: '_sip._udp.closed.example.com' },
    ...Array.from({ length: 60 }, (_, index) => ({
      name: '_sip._udp.huge.example.com',
      target: 'one.example.com',
      port: 6000 + index,
      priority: index,
    })),
  ],
  pointers: [
    {
      name: 'pointed.example.com',
      order: 30,
      preference: 1,
      service: 'SIP+D2U',
      replacement: '_udp.pointed.example.com',
    },
    {
      name: 'pointed.example.com',
      order: 20,
      preference: 2,
      service: 'SIPS+D2T',
      replacement: '_tls.pointed.example.com',
    },
    {
      name: 'pointed.example.com',
      order: 20,
      preference: 1,
      service: 'SIP+D2T',
      replacement: '_tcp.pointed.example.com',
    },
  ],
};

const transports = ['UDP', 'TCP', 'TLS'] as const;

describe('The servers of a SIP URI', () => {
  const locators: Locator[] = [];
  let dns: DnsServer;

  before(async function () {
    requirePeers(this, 'dnsmasq');
    dns = await startDnsServer(zone);
  });

  after(async () => {
    await dns?.stop();
  });

  afterEach(() => {
    for (const locator of locators.splice(0)) locator.close();
  });

  function newLocator(options: Partial<LocatorOptions> = {}): Locator {
    const locator = new Locator({ transports, family: 4, resolvers: [dns.address], ...options });
    locators.push(locator);
    return locator;
  }

  async function located(hop: Partial<Hop>, locator = newLocator()): Promise<string[]> {
    const whole = { host: '', port: undefined, transport: undefined, isSecure: false, ...hop };
    return (await locator.locate(whole)).map((target) => targetName(target));
  }

  describe('without a look-up', () => {
    const literals: [hop: Partial<Hop>, target: string][] = [
      [{ host: '192.0.2.1' }, 'UDP 192.0.2.1:5060'],
      [{ host: '192.0.2.1', port: 5070 }, 'UDP 192.0.2.1:5070'],
      [{ host: '2001:db8::1', port: 5070, transport: 'tcp' }, 'TCP [2001:db8::1]:5070'],
      [{ host: '192.0.2.1', transport: 'TLS' }, 'TLS 192.0.2.1:5061'],
      [{ host: '192.0.2.1', isSecure: true }, 'TLS 192.0.2.1:5061'],
      [{ host: '192.0.2.1', isSecure: true, transport: 'tcp' }, 'TLS 192.0.2.1:5061'],
    ];
    for (const [hop, target] of literals) {
      it(`are ${target} for ${JSON.stringify(hop)}`, async () => {
        expect(await located(hop)).to.deep.equal([target]);
      });
    }

    it('are found at once, so that messages keep their order', () => {
      const hop = { host: '192.0.2.1', port: 5060, transport: undefined, isSecure: false };
      expect(newLocator().locate(hop)).to.be.an('array');
    });

    for (const [hop, message] of [
      [{ host: '192.0.2.1', transport: 'sctp' }, '192.0.2.1 wants SIP over SCTP, which there is not'],
      [{ host: '192.0.2.1', transport: 'udp', isSecure: true }, '192.0.2.1 wants SIP over UDP, which there is not'],
    ] as const) {
      it(`are none over ${hop.transport}${'isSecure' in hop ? ' for sips:' : ''}`, async () => {
        expect((await rejection(located(hop))).message).to.equal(message);
      });
    }
  });

  describe('with a port', () => {
    it('are the addresses of the name, all of them', async () => {
      expect(await located({ host: 'one.example.com', port: 5070 })).to.deep.equal(['UDP 127.0.1.1:5070']);
      expect(await located({ host: 'both.example.com', port: 5070, transport: 'tcp' })).to.have.members([
        'TCP 127.0.1.8:5070',
        'TCP 127.0.1.9:5070',
      ]);
    });

    it('are IPv6 addresses if the sockets are bound to IPv6', async () => {
      const locator = newLocator({ family: 6 });
      expect(await located({ host: 'three.example.com', port: 5070 }, locator)).to.deep.equal(['UDP [::3]:5070']);
      expect((await rejection(located({ host: 'one.example.com', port: 5070 }, locator))).message).to.equal(
        'The DNS knows no SIP server of one.example.com',
      );
    });

    it('are found in the list of hosts before the DNS is asked', async () => {
      expect(await located({ host: 'localhost', port: 5070 })).to.deep.equal(['UDP 127.0.0.1:5070']);
    });
  });

  describe('without a port', () => {
    it('are those of the NAPTR records, in the order of the domain', async () => {
      const all = ['TCP 127.0.1.2:5082', 'TLS 127.0.1.3:5083', 'UDP 127.0.1.1:5081'];
      expect(await located({ host: 'pointed.example.com' })).to.deep.equal(all);
    });

    it('are those of the NAPTR records for the transports that there are', async () => {
      const locator = newLocator({ transports: ['UDP'] });
      expect(await located({ host: 'pointed.example.com' }, locator)).to.deep.equal(['UDP 127.0.1.1:5081']);
    });

    it('are reached over TLS only for sips:, and keep the name that their certificate is for', async () => {
      const hop: Hop = { host: 'pointed.example.com', port: undefined, transport: undefined, isSecure: true };
      expect(await newLocator().locate(hop)).to.deep.equal([
        { transport: 'TLS', address: '127.0.1.3', port: 5083, host: 'pointed.example.com' },
      ]);
    });

    it('are those of the SRV records by priority if there is no NAPTR, without those that have no address', async () => {
      expect(await located({ host: 'ranked.example.com' })).to.deep.equal([
        'UDP 127.0.1.1:5060',
        'UDP 127.0.1.2:5070',
        'TCP 127.0.1.3:5090',
        'TLS 127.0.1.4:5061',
      ]);
    });

    it('are those of the SRV records for the transport that the URI names, and NAPTR is not asked', async () => {
      const before = await dns.questions();
      expect(await located({ host: 'ranked.example.com', transport: 'tcp' })).to.deep.equal(['TCP 127.0.1.3:5090']);
      expect(await located({ host: 'ranked.example.com', transport: 'tls' })).to.deep.equal(['TLS 127.0.1.4:5061']);
      const asked = (await dns.questions()).slice(before.length);
      expect(asked.filter((question) => question.startsWith('NAPTR'))).to.deep.equal([]);
    });

    it('are tried by weight', async () => {
      const locator = newLocator();
      let twoFirst = 0;
      for (let draw = 0; draw < 1_000; draw++) {
        const [first] = await located({ host: 'weighted.example.com' }, locator);
        if (first === 'UDP 127.0.1.2:5060') twoFirst++;
      }
      expect(twoFirst).to.be.within(840, 940);
    });

    it('are the addresses of the name if it has no SRV records either', async () => {
      expect(await located({ host: 'without.example.com' })).to.deep.equal(['UDP 127.0.1.5:5060']);
      expect(await located({ host: 'without.example.com', isSecure: true })).to.deep.equal(['TLS 127.0.1.5:5061']);
      expect(await located({ host: 'WITHOUT.example.com', transport: 'TCP' })).to.deep.equal(['TCP 127.0.1.5:5060']);
    });

    it('are none if the domain says so', async () => {
      expect((await rejection(located({ host: 'closed.example.com' }))).message).to.equal(
        'The DNS knows no SIP server of closed.example.com',
      );
    });

    it('are none if the name does not exist, or cannot', async () => {
      for (const host of ['nobody.example.com', 'no..body']) {
        expect((await rejection(located({ host }))).message).to.equal(`The DNS knows no SIP server of ${host}`);
      }
    });

    it('are no more than eight of a domain that has more', async () => {
      const best = Array.from({ length: 8 }, (_, index) => `UDP 127.0.1.1:${6000 + index}`);
      expect(await located({ host: 'huge.example.com' })).to.deep.equal(best);
    });

    it('come last when they have failed', async () => {
      const locator = newLocator();
      const hop: Hop = { host: 'ranked.example.com', port: undefined, transport: 'udp', isSecure: false };
      const [best] = await locator.locate(hop);
      if (best) locator.resting.rest(best);
      expect(await located(hop, locator)).to.deep.equal(['UDP 127.0.1.2:5070', 'UDP 127.0.1.1:5060']);
    });
  });

  it('cost one question of each kind, however many look for them at a time and afterwards', async () => {
    const locator = newLocator({ transports: ['UDP'] });
    const before = await dns.questions();
    const hosts = Array.from({ length: 100 }, () => 'ranked.example.com');
    await Promise.all(hosts.map((host) => located({ host }, locator)));
    const hop = { host: 'ranked.example.com', port: undefined, transport: undefined, isSecure: false };
    expect(locator.locate(hop)).to.be.an('array');
    expect((await dns.questions()).slice(before.length)).to.have.members([
      'NAPTR ranked.example.com',
      'SRV _sip._udp.ranked.example.com',
      'A one.example.com',
      'A two.example.com',
      'A nowhere.example.com',
    ]);
  });

  it('are not found if the DNS refuses to answer', async () => {
    const failure = await rejection(located({ host: 'elsewhere.example.org' }));
    expect(failure.message).to.equal('No DNS server answers about the A records of elsewhere.example.org: EREFUSED');
  });
});

describe('An answer of the DNS', () => {
  let server: DnsServer;
  let dns: Dns;

  before(async function () {
    requirePeers(this, 'dnsmasq');
    server = await startDnsServer(zone);
    dns = new Dns({ servers: [server.address], family: 4 });
  });

  after(async () => {
    dns?.close();
    await server?.stop();
  });

  const lives: [what: string, query: () => Promise<{ readonly untilMs: number }>, seconds: number][] = [
    ['holds as long as it says', () => dns.addresses('one.example.com'), 60],
    ['holds for 5 s at least', () => dns.addresses('two.example.com'), 5],
    ['holds for 5 min at most', () => dns.addresses('three.example.com'), 300],
    ['holds for 30 s when it is about a service', () => dns.srv('_sip._udp.ranked.example.com'), 30],
    ['holds for 30 s when it leads to services', () => dns.naptr('pointed.example.com'), 30],
    ['holds for 30 s when it is that there are no services', () => dns.naptr('one.example.com'), 30],
    ['holds for 5 s when it is that there is no address', () => dns.addresses('nowhere.example.com'), 5],
  ];
  for (const [what, query, seconds] of lives) {
    it(what, async () => {
      const { untilMs } = await query();
      expect((untilMs - clockMs()) / 1_000).to.be.within(seconds - 0.9, seconds);
    });
  }

  it('is not waited for longer than 3 s', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    await once(silent, 'listening');
    const deaf = new Dns({ servers: [`127.0.0.1:${silent.address().port}`], family: 4 });
    const startMs = clockMs();
    try {
      const failure = await rejection(deaf.addresses('one.example.com'));
      expect(failure.message).to.match(/^No DNS server answers about the A records of one\.example\.com: E?TIMEOUT$/);
      expect(clockMs() - startMs).to.be.below(4_500);
    } finally {
      deaf.close();
      silent.close();
    }
  });

  it('comes from the second server when nobody listens at the first', async () => {
    const closed = createSocket('udp4').bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address();
    closed.close();
    await once(closed, 'close');
    const either = new Dns({ servers: [`127.0.0.1:${port}`, server.address], family: 4 });
    try {
      expect((await either.addresses('one.example.com')).value).to.deep.equal(['127.0.1.1']);
    } finally {
      either.close();
    }
  });
});
