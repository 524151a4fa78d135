import { expect } from 'chai';
import { type GiveBack, Turns } from '../../../plugins/redirect/turns.js';

const SOON_MS = 5_000;

describe("The redirect's slots", () => {
  let turns: Turns;
  let order: string[];

  beforeEach(() => {
    turns = new Turns(2, 3);
    order = [];
  });

  function take(user: string, name: string, timeoutMs = SOON_MS): Promise<GiveBack> {
    return turns.take(user, timeoutMs).then((giveBack) => {
      order.push(name);
      return giveBack;
    });
  }

  it('are shared between users: further requests of one user wait in order', async () => {
    const [first, second] = await Promise.all([take('user1', 'a'), take('user1', 'b')]);
    const waiting = [take('user1', 'c'), take('user1', 'd')];
    const others = await take('user2', 'other');
    expect(order).to.deep.equal(['a', 'b', 'other']);
    first?.();
    first?.();
    (await waiting[0])?.();
    expect(order).to.deep.equal(['a', 'b', 'other', 'c']);
    (await waiting[1])?.();
    expect(order.at(-1)).to.equal('d');
    second?.();
    others();
    expect(turns.size).to.equal(0);
  });

  it('are refused with 429 if too many requests of a user wait, and with 504 if one has waited too long', async () => {
    await Promise.all([take('user1', 'a'), take('user1', 'b')]);
    const late = take('user1', 'late', 10);
    for (const name of ['c', 'd']) void take('user1', name).catch(() => undefined);
    const refusal = await take('user1', 'e').catch((caught: unknown) => caught);
    expect(refusal).to.include({ status: 429 });
    expect(refusal).to.have.nested.property('headers.Retry-After', '1');
    expect(await late.catch((caught: unknown) => caught)).to.include({ status: 504 });
  });
});
