import { expect } from 'chai';
import { serviceOf, servicesOf } from '../../../../../container/sip/location/dns/naptr.js';

const record = (order: number, preference: number, service: string, replacement: string) => ({
  flags: 's',
  service,
  regexp: '',
  replacement,
  order,
  preference,
});

describe('The services that NAPTR records name', () => {
  const records = [
    record(20, 1, 'SIP+D2U', '_sip._udp.example.com'),
    record(10, 20, 'SIP+D2T', '_sip._tcp.example.com'),
    record(10, 10, 'SIPS+D2T', '_sips._tcp.example.com'),
  ];

  it('stand in the order of the domain: order, then preference', () => {
    expect(servicesOf(records, ['UDP', 'TCP', 'TLS'])).to.deep.equal([
      { transport: 'TLS', name: '_sips._tcp.example.com' },
      { transport: 'TCP', name: '_sip._tcp.example.com' },
      { transport: 'UDP', name: '_sip._udp.example.com' },
    ]);
  });

  it('are left out if there is no such transport', () => {
    expect(servicesOf(records, ['UDP'])).to.deep.equal([{ transport: 'UDP', name: '_sip._udp.example.com' }]);
  });

  it('are left out if they are not for SIP, or do not lead to SRV records', () => {
    const others = [
      record(1, 1, 'E2U+sip', 'example.com'),
      record(1, 2, 'SIP+D2S', '_sip._sctp.example.com'),
      { ...record(1, 3, 'SIP+D2U', 'example.com'), flags: 'a' },
      { ...record(1, 4, 'SIP+D2U', ''), flags: 'u', regexp: '!^.*$!sip:info@example.com!' },
      { ...record(1, 5, 'sip+d2u', '_sip._udp.example.com'), flags: 'S' },
    ];
    expect(servicesOf(others, ['UDP', 'TCP', 'TLS'])).to.deep.equal([
      { transport: 'UDP', name: '_sip._udp.example.com' },
    ]);
  });

  it('have default names if no record gives one', () => {
    const names = (['UDP', 'TCP', 'TLS'] as const).map((transport) => serviceOf('example.com', transport).name);
    expect(names).to.deep.equal(['_sip._udp.example.com', '_sip._tcp.example.com', '_sips._tcp.example.com']);
  });
});
