import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, startContainer } from '../support/container.js';
import { Crowd } from '../support/crowd/crowd.js';
import { isJoined, type Plan, plansFrom, recordOf } from '../support/crowd/plan.js';
import { footprint, footprintOnceLike } from '../support/footprint.js';
import { Places } from '../support/places.js';
import { type InviteCall, inviteCallOf } from '../support/sipp/invite-call.js';

const calls = 2_000;
const callsPerSecond = 50;
/** Where the machine is too slow for the rate, the next call waits until another is over. */
const callsAtATime = 100;
const seed = 20_261_123;

describe(`${calls} Invite calls with random outcomes at ${callsPerSecond} a second`, function () {
  this.timeout(300_000);
  const plans = plansFrom(seed, calls);
  let crowd: Crowd;
  let container: Container;

  before(async () => {
    crowd = await Crowd.open(plans);
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${crowd.port};lr`, sipT1Ms: 250, logLevel: 'warn' });
  });

  after(async () => {
    await container?.stop();
    await crowd?.close();
  });

  it('all end as planned, with one BYE for each telephone that was lifted, and leave nothing behind', async () => {
    const before = await footprint(container);
    const startMs = performance.now();
    const places = new Places(callsAtATime);
    const running: Promise<string>[] = [];
    for (const [number, plan] of plans.entries()) {
      await delay(Math.max(0, startMs + (number * 1000) / callsPerSecond - performance.now()));
      const run = places.take(() => play(number, plan));
      running.push(
        run.then(
          () => '',
          (error: unknown) => `call ${number} ${JSON.stringify(plan)}: ${String(error)}`,
        ),
      );
    }
    const failures = await Promise.all(running);
    expect(failures.filter((failure) => failure !== '').slice(0, 10)).to.deep.equal([]);
    expect(crowd.faults.slice(0, 10)).to.deep.equal([]);

    expect(crowd.dialogs.length).to.be.above(calls);
    expect(
      crowd.dialogs.filter(({ byesGot, byesSent, byeStatus }) => {
        const isEnded = byesSent === 0 ? byesGot === 1 : byesGot <= 1 && byesSent === 1 && byeStatus === 200;
        return !isEnded;
      }),
    ).to.deep.equal([]);
    expect(container.logLines()).to.deep.equal([]);
    expect(await footprintOnceLike(container, before)).to.deep.equal(before);
  });

  async function play(number: number, plan: Plan): Promise<void> {
    const call = inviteCallOf(container, `calling${number}`, `called${number}`, 'agent=user1');
    await call.post(`sipMethod=Invite&resultCacheTime=20${plan.calling === 'silent' ? '&timeout=1' : ''}`);
    if (isJoined(plan)) {
      await crowd.happens(`ACK called${number}`);
      await change(number, plan, call);
      await end(number, plan, call);
    }
    const wanted = recordOf(number, plan);
    for (const leg of wanted) await crowd.happens(`end ${leg.split(' ')[0]}`);
    await call.waitForRecord((record) => record.join('\n') === wanted.join('\n'), wanted.join('\n'));
  }

  async function change(number: number, plan: Plan, call: InviteCall): Promise<void> {
    switch (plan.change) {
      case 'none':
        return;
      case 'info':
      case 'reinvite': {
        const method = plan.change === 'info' ? 'INFO' : 'INVITE';
        crowd.ask('calling', number, method);
        return crowd.happens(`${method} calling${number}`);
      }
      case 'hold':
        await call.post('action=Hold');
        return crowd.happens(`ACK called${number}`, 2);
      case 'transfer':
        await call.post(`action=Transfer&target=target${number}`);
        return crowd.happens(`ACK called${number}`, 2);
      case 'busyTransfer':
        await call.post(`action=Transfer&target=target${number}`);
        return crowd.happens(`ACK target${number}`);
    }
  }

  async function end(number: number, plan: Plan, call: InviteCall): Promise<void> {
    const calling = plan.change === 'transfer' ? 'target' : 'calling';
    if (plan.end === 'client') return call.post('action=Hangup');
    if (plan.end !== 'called') crowd.ask(calling, number, 'BYE');
    if (plan.end !== 'calling') crowd.ask('called', number, 'BYE');
  }
});
