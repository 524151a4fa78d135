import { expect } from 'chai';
import { z } from 'zod';
import type { Phone } from '../support/peers/baresip.js';
import { type PeerDomain, type ProxyDomain, startPeerDomain, startProxyDomain } from '../support/peers/domain.js';
import { requirePeers } from '../support/peers/programs.js';
import type { Twinkle } from '../support/peers/twinkle.js';

const timeoutMs = 10_000;
const callSchema = z.object({
  id: z.string(),
  status: z.string(),
  isFinal: z.boolean(),
  control: z.string(),
  reason: z.object({ code: z.string(), sip: z.number().optional(), by: z.string() }).optional(),
});
type Call = z.output<typeof callSchema>;

interface Phones {
  readonly caller: Phone;
  readonly callee: Phone;
}

/** Status, and reason with its SIP status and who ended the call. */
type Wanted = readonly [status: string, code?: string, sip?: number, by?: string];

interface Row {
  readonly title: string;
  readonly order?: object;
  /** What happens at the telephones. */
  readonly act: (happens: (phone: 'caller' | 'callee') => Promise<Phone>, phones: Phones) => Promise<unknown>;
  readonly wanted: Wanted;
}

const rows: readonly Row[] = [
  {
    title: 'both answer',
    act: async (rings) => {
      await (await rings('caller')).accept();
      await (await rings('callee')).accept();
    },
    wanted: ['connected'],
  },
  {
    title: 'the callee is busy',
    act: async (rings) => {
      await (await rings('caller')).accept();
      await (await rings('callee')).hangUp();
    },
    wanted: ['failed', 'calleeBusy', 486, 'callee'],
  },
  {
    title: 'the caller declines',
    act: async (rings) => (await rings('caller')).hangUp(),
    wanted: ['failed', 'callerBusy', 486, 'caller'],
  },
  {
    title: 'the caller does not answer',
    order: { timeoutSeconds: 1 },
    act: async (rings) => rings('caller'),
    wanted: ['failed', 'callerNoAnswer', 408, 'caller'],
  },
  {
    title: 'there is no such callee',
    order: { callee: 'nobody' },
    act: async (rings) => (await rings('caller')).accept(),
    wanted: ['failed', 'calleeFailure', 404, 'callee'],
  },
  {
    title: 'the caller hangs up early',
    act: async (rings, { caller }) => {
      await (await rings('caller')).accept();
      await rings('callee');
      await caller.hangUp();
    },
    wanted: ['failed', 'callerAbandon', undefined, 'caller'],
  },
];

async function ask(base: string, method: string, path: string, body?: object, wait = 30): Promise<Call> {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/json', prefer: `wait=${wait}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  return callSchema.parse(await response.json());
}

describe('POST /v1/calls with Prefer: wait=30, with baresip phones at a Kamailio proxy', function () {
  this.timeout(40_000);
  let peers: PeerDomain;
  let phones: Phones;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip');
    peers = await startPeerDomain({ answer: 'manual' });
    phones = { caller: peers.user1, callee: peers.user2 };
  });

  after(async () => {
    await peers?.stop();
  });

  const send = (method: string, path: string, body?: object, wait?: number): Promise<Call> =>
    ask(peers.container.url, method, path, body, wait);

  const place = (order: object): Promise<Call> =>
    send('POST', '/v1/calls', { caller: 'user1', callee: 'user2', ...order });

  /** Waits until a phone rings that did not before. */
  function ringing(): (which: keyof Phones) => Promise<Phone> {
    const past = new Set([...phones.caller.events, ...phones.callee.events]);
    return async (which) => {
      const phone = phones[which];
      await phone.waitForEvent((event) => event.type === 'CALL_INCOMING' && !past.has(event), timeoutMs);
      return phone;
    };
  }

  async function hangUpAll(): Promise<void> {
    for (const phone of [phones.caller, phones.callee]) {
      if ((await phone.calls()).length > 0) await phone.hangUp();
    }
    for (const phone of [phones.caller, phones.callee]) await phone.waitUntilIdle(timeoutMs);
  }

  for (const method of ['refer', 'invite', 'auto'] as const) {
    for (const { title, order, act, wanted } of rows)
      it(`reports the outcome of a call with the method ${method} when ${title}`, async () => {
        const rings = ringing();
        const placed = place({ method, ...order });
        await act(rings, phones);
        const { status, reason } = await placed;
        const [expected, code, sip, by] = wanted;
        expect(status).to.equal(expected);
        expect(reason).to.deep.equal(code && { ...reason, code, by, ...(sip !== undefined && { sip }) });
        await hangUpAll();
      });

    it(`reports that a call with the method ${method} was cancelled`, async () => {
      const rings = ringing();
      const { id } = await send('POST', '/v1/calls', { caller: 'user1', callee: 'user2', method }, 0);
      await rings('caller');
      const { status, reason } = await send('DELETE', `/v1/calls/${id}`);
      expect([status, reason]).to.deep.equal(['failed', { code: 'cancelled', by: 'agent' }]);
      await hangUpAll();
    });
  }

  it('reports that a Refer call was replaced', async () => {
    const rings = ringing();
    const first = await send('POST', '/v1/calls', { caller: 'user1', callee: 'user2', method: 'refer' }, 0);
    await rings('caller');
    const second = await send('POST', '/v1/calls', { caller: 'user1', callee: 'user2', method: 'refer' }, 0);
    expect((await send('GET', `/v1/calls/${first.id}`)).reason?.code).to.equal('replaced');
    await send('DELETE', `/v1/calls/${second.id}`);
    await hangUpAll();
  });

  it('hangs up when the longest duration is over, and keeps a call whose transfer was refused', async () => {
    const rings = ringing();
    const placed = place({ maxDurationSeconds: 3 });
    await (await rings('caller')).accept();
    await (await rings('callee')).accept();
    const { id, status, control } = await placed;
    expect([status, control]).to.deep.equal(['connected', 'full']);
    await send('POST', `/v1/calls/${id}/transfer`, { target: 'nobody' });
    let call = await send('GET', `/v1/calls/${id}`);
    expect(call.status).to.equal('connected');
    while (!call.isFinal) call = await send('GET', `/v1/calls/${id}`);
    expect([call.status, call.reason]).to.deep.equal(['disconnected', { code: 'maxDuration', by: 'controller' }]);
    const events = await (await fetch(`${peers.container.url}/v1/calls/${id}/messages`)).json();
    expect(JSON.stringify(events)).to.include('404');
    await hangUpAll();
  });
});

describe('POST /v1/calls with a Twinkle phone that refuses the REFER', function () {
  this.timeout(30_000);
  let peers: ProxyDomain;
  let caller: Twinkle;
  let callee: Phone;

  before(async function () {
    requirePeers(this, 'kamailio', 'baresip', 'twinkle');
    peers = await startProxyDomain();
    callee = await peers.startPhone({ user: 'user2', toneHz: 700 });
    caller = await peers.startTwinkle({ user: 'user3', toneHz: 1000, refusesRefer: true });
  });

  after(async () => {
    await peers?.stop();
  });

  async function place(method: string): Promise<Call> {
    const placed = ask(peers.container.url, 'POST', '/v1/calls', { caller: 'user3', callee: 'user2', method });
    await caller.answer();
    return await placed;
  }

  it('reports that a call with the method refer failed at the caller, with the SIP status', async () => {
    const { status, isFinal, control, reason } = await place('refer');
    expect({ status, isFinal, control }).to.deep.equal({ status: 'failed', isFinal: true, control: 'none' });
    expect(reason).to.deep.include({ code: 'callerFailure', sip: 603, by: 'caller' });
    await caller.waitForEnd();
    expect(await callee.calls()).to.deep.equal([]);
  });

  it('goes on with the method auto, and says that the call can be steered then', async () => {
    const { id, status, isFinal, control, reason } = await place('auto');
    expect({ status, isFinal, control }).to.deep.equal({ status: 'connected', isFinal: false, control: 'full' });
    expect(reason).to.equal(undefined);
    await ask(peers.container.url, 'DELETE', `/v1/calls/${id}`);
    await caller.waitForEnd();
    await callee.waitUntilIdle(timeoutMs);
    const over = await ask(peers.container.url, 'GET', `/v1/calls/${id}`);
    expect([over.status, over.reason]).to.deep.equal(['disconnected', { code: 'hangUp', by: 'agent' }]);
  });
});
