import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallInfo } from '../../sdk/index.js';
import { type Container, startContainer } from '../support/container.js';
import { Redis } from '../support/cluster/redis.js';
import { nameOf, placeCall, send, waitForCall } from '../support/cluster/service.js';
import { Telephones } from '../support/cluster/telephones.js';

const COUNT = 50;
/** The documentation promises 10 s; this machine may be busy. */
const TAKEN_MS = 20_000;

describe(`The ${COUNT} calls of a node that dies, behind two proxies that record their routes`, function () {
  this.timeout(120_000);

  let redis: Redis;
  let phones: Telephones;
  let nodes: Container[];

  before(async () => {
    redis = await Redis.start();
    phones = await Telephones.open();
    const settings = { redis: redis.url, sipProxy: phones.uri };
    nodes = await Promise.all([1, 2, 3].map(async () => startContainer(settings)));
  });

  after(async () => {
    await Promise.all(nodes.map(async (node) => node.stop().catch(() => undefined)));
    await phones.close();
    await redis.stop();
  });

  it('go on at another, and at a third when that dies too, and each telephone gets one BYE in the end', async () => {
    const [first, second, third] = nodes as [Container, Container, Container];
    const calls: CallInfo[] = [];
    for (let number = 0; number < COUNT; number++)
      calls.push(await placeCall(first, { ...partiesOf(number), agent: 'user1', method: 'invite' }));
    const ids = calls.map(({ id }) => id);
    for (const id of ids) await redis.whenConnected(id);

    process.kill(first.pid, 'SIGKILL');
    await taken(ids, second, [second, third]);
    process.kill(second.pid, 'SIGKILL');
    await taken(ids, third, [third]);
    expect(phones.legs.map(({ byes }) => byes)).to.deep.equal(Array<number>(2 * COUNT).fill(0));

    // In every other call the called telephone hangs up, at the new node.
    for (const [number, id] of ids.entries()) {
      if (number % 2 === 0) phones.hangUp(`called${number}`);
      else expect((await send(third, 'DELETE', `/v1/calls/${id}`)).status).to.equal(202);
    }
    for (const [number, id] of ids.entries()) {
      const { reason } = await waitForCall(third, id, ({ isFinal, legs }) => isFinal && legs.every(isOver));
      expect(reason).to.include({ code: 'hangUp', by: number % 2 === 0 ? 'callee' : 'agent' });
    }
    const ends = phones.legs.map(({ byes, hasHungUp }) => byes + Number(hasHungUp));
    expect(ends).to.deep.equal(Array<number>(2 * COUNT).fill(1));
    expect(phones.faults).to.deep.equal([]);
  });

  /** Waits until these nodes own the calls, and the telephones know their addresses. */
  async function taken(ids: readonly string[], asked: Container, owners: readonly Container[]): Promise<void> {
    const endsAtMs = performance.now() + TAKEN_MS;
    const names = owners.map(nameOf);
    for (const id of ids) {
      const call = await waitForCall(asked, id, ({ node }) => names.includes(node), endsAtMs - performance.now());
      expect(call.status).to.equal('connected');
    }
    const ports = owners.map(({ sipPort }) => sipPort);
    while (!phones.legs.every(({ nodePort }) => ports.includes(nodePort))) {
      if (performance.now() > endsAtMs) throw new Error('not all telephones have heard of their new node');
      await delay(25);
    }
    for (const id of ids) await waitForCall(asked, id, ({ control }) => control !== 'none');
  }
});

function partiesOf(number: number): Readonly<Record<string, string>> {
  return { caller: `calling${number}`, callee: `called${number}` };
}

function isOver({ state }: CallInfo['legs'][number]): boolean {
  return state === 'ended';
}
