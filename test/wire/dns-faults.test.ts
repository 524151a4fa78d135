import { expect } from 'chai';
import { Locator } from '../../container/sip/location/locator.js';
import { targetName } from '../../container/sip/location/resting.js';
import { rejection } from '../support/rejection.js';
import { addressRecord, type DnsAnswer, pointerRecord, ScriptedDns, serviceRecord } from '../support/scripted-dns.js';

const HOP = { host: 'example.test', port: undefined, transport: undefined, isSecure: false };
const NOTHING: DnsAnswer = [];
const ZONE: Readonly<Record<string, DnsAnswer>> = {
  'SRV _sip._udp.example.test': [serviceRecord(5070, 'a.example.test')],
  'A a.example.test': [addressRecord('127.0.1.1')],
  'A example.test': [addressRecord('127.0.1.2')],
};

/** The targets of the domain, and what the DNS was asked, where it fails in this way. */
async function locate(
  faults: Readonly<Record<string, DnsAnswer>>,
): Promise<{ targets: string[]; questions: string[] }> {
  const dns = await ScriptedDns.open((question) => faults[question] ?? ZONE[question] ?? NOTHING);
  const locator = new Locator({ transports: ['UDP', 'TCP', 'TLS'], family: 4, resolvers: [dns.address] });
  try {
    const targets = await locator.locate(HOP);
    return { targets: targets.map(targetName), questions: dns.questions };
  } finally {
    locator.close();
    dns.close();
  }
}

describe('A domain about which the DNS answers in part', () => {
  const unserved: Readonly<Record<string, DnsAnswer>> = {
    'SRV _sip._udp.example.test': 'SERVFAIL',
    'SRV _sip._tcp.example.test': 'SERVFAIL',
    'SRV _sips._tcp.example.test': 'SERVFAIL',
  };

  it('is reached by one service when the query for another fails', async () => {
    const { targets } = await locate({
      'SRV _sip._tcp.example.test': 'SERVFAIL',
      'SRV _sips._tcp.example.test': 'SERVFAIL',
    });
    expect(targets).to.deep.equal(['UDP 127.0.1.1:5070']);
  });

  it('is reached by one service when the DNS does not answer about others', async () => {
    const { targets } = await locate({ 'SRV _sip._tcp.example.test': 'silence', 'NAPTR example.test': 'SERVFAIL' });
    expect(targets).to.deep.equal(['UDP 127.0.1.1:5070']);
  });

  it('is reached by its address when all queries for services fail', async () => {
    const { targets } = await locate(unserved);
    expect(targets).to.deep.equal(['UDP 127.0.1.2:5060']);
  });

  it('is reached by its usual services if its NAPTR records lead to none', async () => {
    const pointer = pointerRecord('SIP+D2U', '_sip._udp.other.test');
    for (const answer of [NOTHING, 'SERVFAIL'] as const) {
      const { targets } = await locate({ 'NAPTR example.test': [pointer], 'SRV _sip._udp.other.test': answer });
      expect(targets).to.deep.equal(['UDP 127.0.1.1:5070']);
    }
  });

  it('is not reached when the query for its address fails as well', async () => {
    const failure = await rejection(locate({ ...unserved, 'A example.test': 'SERVFAIL' }));
    expect(failure.message).to.equal('No DNS server answers about the A records of example.test: ESERVFAIL');
  });

  it('costs one time-out when the DNS is silent about NAPTR and SRV records, and none in the minutes after', async () => {
    let nowMs = 0;
    const dns = await ScriptedDns.open((question) =>
      /^(?:NAPTR|SRV) /.test(question) ? 'silence' : (ZONE[question] ?? NOTHING),
    );
    const options = { transports: ['UDP', 'TCP', 'TLS'] as const, family: 4 as const, resolvers: [dns.address] };
    const locator = new Locator({ ...options, now: () => nowMs });
    try {
      const startedAtMs = performance.now();
      expect((await locator.locate(HOP)).map(targetName)).to.deep.equal(['UDP 127.0.1.2:5060']);
      // One query fails after 3 s, so one after the other would last 6 s.
      expect(performance.now() - startedAtMs).to.be.below(5_000);
      dns.questions.length = 0;
      nowMs += 100_000;
      expect((await locator.locate(HOP)).map(targetName)).to.deep.equal(['UDP 127.0.1.2:5060']);
      expect(dns.questions).to.deep.equal(['A example.test']);
    } finally {
      locator.close();
      dns.close();
    }
  });

  it('is not asked again about its NAPTR records for minutes when the DNS was silent about them', async () => {
    let nowMs = 0;
    const dns = await ScriptedDns.open((question) =>
      question.startsWith('NAPTR') ? 'silence' : (ZONE[question] ?? NOTHING),
    );
    const options = { transports: ['UDP'] as const, family: 4 as const, resolvers: [dns.address] };
    const locator = new Locator({ ...options, now: () => nowMs });
    try {
      await locator.locate(HOP);
      const asked = dns.questions.filter((question) => question.startsWith('NAPTR')).length;
      expect(asked).to.be.greaterThan(0);
      nowMs += 100_000;
      expect((await locator.locate(HOP)).map(targetName)).to.deep.equal(['UDP 127.0.1.1:5070']);
      expect(dns.questions.filter((question) => question.startsWith('NAPTR'))).to.have.length(asked);
      expect(dns.questions.filter((question) => question.startsWith('SRV'))).to.have.length(2);
    } finally {
      locator.close();
      dns.close();
    }
  });
});
