import { createClient } from '@redis/client';
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from '../support/cluster/redis.js';
import { callAt, nameOf, placeCall, steer, waitForCall } from '../support/cluster/service.js';
import { TcpRelay } from '../support/cluster/tcp-relay.js';
import { Telephones } from '../support/cluster/telephones.js';
import { type Container, startContainer } from '../support/container.js';

/** Longer than the lease of a node. */
const LEASE_IS_OVER_MS = 7_000;

describe('A node that does not see Redis', function () {
  this.timeout(120_000);

  let redis: Redis;
  let wayToRedis: TcpRelay;
  let phones: Telephones;
  let nodes: [Container, Container];

  before(async () => {
    redis = await Redis.start();
    wayToRedis = await TcpRelay.open(redis.port);
    phones = await Telephones.open();
    const start = async (port: number): Promise<Container> =>
      startContainer({ redis: `redis://127.0.0.1:${port}`, sipProxy: phones.uri });
    nodes = await Promise.all([start(wayToRedis.port), start(redis.port)]);
    await Promise.all(nodes.map(async (node) => node.waitForLog('Joined the cluster', 20_000)));
  });

  after(async () => {
    await Promise.all((nodes ?? []).map(async (node) => node.stop()));
    await phones.close();
    await wayToRedis.close();
    await redis.stop();
  });

  it('keeps its calls while other nodes reach it, loses them when none does, and no call ends twice', async () => {
    const [cutOff, other] = nodes;
    const { id } = await placeCall(cutOff, { caller: 'calling0', callee: 'called0', agent: 'user1', method: 'invite' });
    await redis.whenConnected(id);
    wayToRedis.cut();
    await delay(LEASE_IS_OVER_MS);
    for (const node of nodes) expect((await callAt(node, id))?.node).to.equal(nameOf(cutOff));

    await moveAway(cutOff);
    const taken = await waitForCall(other, id, ({ node }) => node === nameOf(other), 20_000);
    expect(taken.status).to.equal('connected');
    wayToRedis.mend();
    await cutOff.waitForLog('Other nodes have taken this one for dead', 20_000);
    expect(await steer(cutOff, 'DELETE', `/v1/calls/${id}`)).to.equal(202);
    await waitForCall(other, id, ({ legs }) => legs.every(({ state }) => state === 'ended'), 10_000);
    expect(phones.legs.map(({ byes }) => byes)).to.deep.equal([1, 1]);
    expect(phones.faults).to.deep.equal([]);
  });

  /** The other nodes do not find it any more. */
  async function moveAway(node: Container): Promise<void> {
    const client = createClient({ url: redis.url });
    await client.connect();
    await client.hSet(`sipxrest:node:${nameOf(node)}`, 'url', 'http://127.0.0.1:9');
    client.destroy();
  }
});
