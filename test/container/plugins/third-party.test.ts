import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { UdpPeer } from '../../plugins/sandbox/udp-peer.js';
import { type Host, pluginFixture, startHost } from './host.js';

describe("Somebody else's plugin, in a folder without packages of its own", () => {
  let pluginDir: string;
  let host: Host;

  beforeEach(async () => {
    pluginDir = await mkdtemp(join(tmpdir(), 'sipxrest-plugins-'));
    await cp(pluginFixture('third-party'), pluginDir, { recursive: true });
    host = await startHost({ pluginDir, plugins: { hello: { greeting: 'Good day' } } });
  });

  afterEach(async () => {
    await host.stop();
    await rm(pluginDir, { recursive: true });
  });

  it('answers at its prefix, with its settings and the accounts of the domain', async () => {
    expect(await (await fetch(`${host.url}/hello/201`)).text()).to.equal('Good day User One');
    expect(await (await fetch(`${host.url}/hello/x`)).text()).to.equal('Good day stranger');
  });

  it('gets the one SDK injected, also into its helpers', async () => {
    const found = await (await fetch(`${host.url}/hello`)).json();
    expect(found).to.deep.equal({ isSdk: true, isSameSdk: true, domain: 'example.com' });
  });

  it('shows in the catalogue', async () => {
    const catalogue = await (await fetch(`${host.url}/`)).text();
    const cells = ['<code>/hello</code>', 'hello', 'LOCAL-AND-REMOTE', 'HTTP-BASIC', '<code>hello-phone</code>'];
    expect(catalogue).to.include([...cells, 'Says hello'].map((cell) => `<td>${cell}</td>`).join(''));
  });

  it('has its caches in the diagnostics', async () => {
    await fetch(`${host.url}/hello/user1`);
    await fetch(`${host.url}/hello/user2`);
    const { caches } = (await (await fetch(`${host.url}/diagnostics`)).json()) as { caches: unknown };
    expect(caches).to.include({ 'callcontroller.calls': 0, 'hello.greeted': 2 });
  });

  it('is started before the first request and stopped once, and then its caches are emptied', async () => {
    await fetch(`${host.url}/hello/user1`);
    expect(own(host)).to.deep.equal(['hello starts', 'Plugin loaded']);
    await host.stop();
    expect(own(host).slice(2)).to.deep.equal(['hello stops', 'forgotten']);
  });

  it('takes the SIP calls to its convergence name', async () => {
    const phone = await UdpPeer.open();
    try {
      phone.send(invite('hello-phone', host.sipPort, phone.port), host.sipPort);
      expect(firstLine(await phone.next())).to.equal('SIP/2.0 100 Trying');
      const refusal = await phone.next();
      expect(firstLine(refusal)).to.equal('SIP/2.0 603 Hello INVITE');
      phone.send(acknowledge(refusal, host.sipPort), host.sipPort);

      phone.send(invite('hello', host.sipPort, phone.port), host.sipPort);
      expect(firstLine(await phone.next())).to.equal('SIP/2.0 404 Not Found');
    } finally {
      await phone.close();
    }
  });
});

function own({ lines }: Host): string[] {
  return lines.filter(({ plugin }) => plugin === 'hello').map(({ msg }) => msg);
}

function invite(user: string, to: number, from: number): string {
  return [
    `INVITE sip:${user}@127.0.0.1:${to} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${from};branch=z9hG4bK-${user}`,
    'Max-Forwards: 70',
    'From: <sip:caller@example.com>;tag=1',
    `To: <sip:${user}@example.com>`,
    `Call-ID: ${user}@127.0.0.1`,
    'CSeq: 1 INVITE',
    `Contact: <sip:caller@127.0.0.1:${from}>`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n');
}

/** The ACK of a refusal: same branch, the To that came back (RFC 3261 section 17.1.1.3). */
function acknowledge(response: string, to: number): string {
  const copied = response.split('\r\n').filter((line) => /^(Via|From|To|Call-ID):/.test(line));
  const start = `ACK sip:hello-phone@127.0.0.1:${to} SIP/2.0`;
  return [start, ...copied, 'Max-Forwards: 70', 'CSeq: 1 ACK', 'Content-Length: 0', '\r\n'].join('\r\n');
}

function firstLine(message: string): string {
  return message.split('\r\n', 1)[0] ?? '';
}
