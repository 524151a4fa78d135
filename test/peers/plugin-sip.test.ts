import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { z } from 'zod';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phone } from '../support/peers/baresip.js';
import type { ProxiedRequest } from '../support/peers/kamailio.js';
import { type ProxyDomain, startProxyDomain } from '../support/peers/domain.js';
import { requirePeers } from '../support/peers/programs.js';

const pluginDir = fileURLToPath(new URL('../../../test/fixtures/plugins/sip', import.meta.url));
const timeoutMs = 10_000;
const pollMs = 20;
const heardSchema = z.array(z.record(z.string(), z.unknown()));
type Heard = z.output<typeof heardSchema>[number];

describe('A plugin in a domain of Kamailio and baresip', function () {
  this.timeout(4 * timeoutMs);
  let domain: ProxyDomain;
  let phone: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    domain = await startProxyDomain({ settings: { pluginDir } });
    phone = await domain.startPhone({ user: 'user3', toneHz: 400, showsPresence: true });
  });

  after(() => domain?.stop());

  const post = async (path: string): Promise<unknown> => (await domain.container.post(`/messenger/${path}`)).json();

  for (const [query, user, whose] of [
    ['', 'user1', 'of a user'],
    ['?as=own', 'user2', 'that it brings'],
  ] as const) {
    it(`sends a MESSAGE to a phone with credentials ${whose}`, async () => {
      expect(await post(`message/user3${query}`)).to.deep.equal({ status: 200, local: false });
      const challenged = domain.kamailio.requests().filter((request) => isMessage(request, user));
      expect(challenged.map(({ kind, credentials }) => [kind, credentials])).to.deep.equal([
        ['request', undefined],
        ['request', user],
        ['authenticated', user],
      ]);
    });
  }

  it('learns that a user does not exist, and the capabilities of a phone', async () => {
    expect(await post('message/nobody')).to.deep.equal({ status: 404, local: false });
    const options = z.object({ status: z.literal(200), allow: z.string() }).parse(await post('options/user3'));
    expect(options.allow).to.include('INVITE').and.include('MESSAGE');
  });

  it('hears how a phone is, subscribes again before that ends, and unsubscribes', async () => {
    await domain.container.post('/messenger/subscription/user3?expires=2');
    const first = await heard(({ state }) => state === 'active');
    expect(first['body']).to.include('entity="sip:user3@example.com"');
    // The phone takes 2 seconds, and then finds them too brief.
    await subscribed(3);
    await subscribed(4);
    expect((await fetch(`${domain.container.url}/messenger/subscription`, { method: 'DELETE' })).status).to.equal(200);
    await heard(({ cause }) => cause === 'terminated');
  });

  /** Waits until the proxy has passed on a SUBSCRIBE. */
  async function subscribed(cseq: number): Promise<void> {
    const fits = (request: ProxiedRequest): boolean => request.method === 'SUBSCRIBE' && request.cseq === cseq;
    await domain.kamailio.waitForRequest(fits, timeoutMs);
  }

  async function heard(fits: (event: Heard) => boolean): Promise<Heard> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      const events = heardSchema.parse(await (await domain.container.get('/messenger/heard')).json());
      const found = events.find(fits);
      if (found) return found;
      if (performance.now() > untilMs)
        throw new Error(`${domain.kamailio.report()}\n${phone.report()}\nheard: ${JSON.stringify(events)}`);
      await delay(pollMs);
    }
  }
});

/** A message of this user to user3. */
function isMessage({ method, from, to }: ProxiedRequest, user: string): boolean {
  return method === 'MESSAGE' && from === `sip:${user}@example.com` && to === 'sip:user3@example.com';
}
