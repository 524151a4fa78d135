import { expect } from 'chai';
import type { ClientEvent } from '../../../../container/sip/transaction/client-events.js';
import { INVITE_CLIENT } from '../../../../container/sip/transaction/invite-client-states.js';
import { INVITE_SERVER } from '../../../../container/sip/transaction/invite-server-states.js';
import { Machine } from '../../../../container/sip/transaction/machine.js';
import { REQUEST_CLIENT } from '../../../../container/sip/transaction/request-client-states.js';
import { REQUEST_SERVER } from '../../../../container/sip/transaction/request-server-states.js';
import type { ServerEvent } from '../../../../container/sip/transaction/server-events.js';
import type { AnyTable, TimerEvent } from '../../../../container/sip/transaction/table.js';
import { setTimers, transactionTimeoutMs } from '../../../../container/sip/transaction/timers.js';
import { ManualClock } from './manual-clock.js';

const sendsAt = (...times: number[]): string[] => times.map((ms) => `${ms} send`);
const repeatsAt = (...times: number[]): string[] => times.map((ms) => `${ms} repeat`);

describe('Timers of a transaction', () => {
  let time: ManualClock;
  /** Effects with their time in milliseconds; `over`: the transaction has terminated. */
  let done: string[];

  beforeEach(() => {
    setTimers(500);
    time = new ManualClock();
    done = [];
  });

  afterEach(() => setTimers(500));

  function machine<State extends string, Event extends string>(
    table: AnyTable<State, Event | TimerEvent, string>,
    initial: State,
  ): Machine<State, Event, string> {
    const owner = {
      perform: (effect: string) => void done.push(`${time.nowMs} ${effect}`),
      onTerminated: () => void done.push(`${time.nowMs} over`),
    };
    return new Machine<State, Event, string>(table, initial, owner, time);
  }

  describe('of an INVITE of ours', () => {
    it('send it again after T1, doubled each time, until 64*T1: A and B', () => {
      machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling').sent(false);
      time.passMs(100_000);
      expect(done).to.deep.equal([
        ...sendsAt(500, 1_500, 3_500, 7_500, 15_500, 31_500),
        '32000 over',
        '32000 tell of timeout',
      ]);
      expect(time.running).to.equal(0);
    });

    it('send nothing again over a reliable transport', () => {
      machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling').sent(true);
      time.passMs(100_000);
      expect(done).to.deep.equal(['32000 over', '32000 tell of timeout']);
    });

    it('wait until the first copy has gone out, however long its server is looked for', () => {
      const invite = machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling');
      const options = machine<keyof typeof REQUEST_CLIENT, ClientEvent>(REQUEST_CLIENT, 'trying');
      time.passMs(40_000);
      expect([time.running, done]).to.deep.equal([0, []]);
      invite.sent(true);
      options.sent(true);
      time.passMs(32_000);
      expect(done.toSorted()).to.deep.equal([
        '72000 over',
        '72000 over',
        '72000 tell of timeout',
        '72000 tell of timeout',
      ]);
    });

    it('end with a provisional response: the call may ring as long as it likes', () => {
      const invite = machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling');
      invite.sent(false);
      invite.step('1xx');
      expect(time.running).to.equal(0);
    });

    it('keep an accepted and a refused one for 64*T1: M and D', () => {
      for (const event of ['2xx', '300-699'] as const) {
        const invite = machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling');
        invite.sent(false);
        invite.step(event);
        time.passMs(31_999);
        expect(invite.state).to.equal(event === '2xx' ? 'accepted' : 'completed');
        time.passMs(1);
        expect(invite.state).to.equal('terminated');
      }
    });
  });

  describe('of another request of ours', () => {
    it('send it again after T1, doubled up to T2, until 64*T1: E and F', () => {
      machine<keyof typeof REQUEST_CLIENT, ClientEvent>(REQUEST_CLIENT, 'trying').sent(false);
      time.passMs(100_000);
      const copies = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
      expect(done).to.deep.equal([...sendsAt(...copies), '32000 over', '32000 tell of timeout']);
      expect(time.running).to.equal(0);
    });

    it('wait T2 after a provisional response, from the next time on', () => {
      const request = machine<keyof typeof REQUEST_CLIENT, ClientEvent>(REQUEST_CLIENT, 'trying');
      request.sent(false);
      time.passMs(700);
      request.step('1xx');
      time.passMs(10_000);
      expect(done).to.deep.equal([...sendsAt(500), '700 pass', ...sendsAt(1_500, 5_500, 9_500)]);
    });

    it('end the transaction with its final response: K is zero', () => {
      const request = machine<keyof typeof REQUEST_CLIENT, ClientEvent>(REQUEST_CLIENT, 'trying');
      request.sent(false);
      request.step('2xx');
      expect(request.state).to.equal('terminated');
      expect(done).to.deep.equal(['0 pass', '0 over']);
      expect(time.running).to.equal(0);
    });
  });

  describe('of an INVITE that came', () => {
    it('send a refusal again after T1, doubled up to T2, until 64*T1: G and H', () => {
      const invite = machine<keyof typeof INVITE_SERVER, ServerEvent>(INVITE_SERVER, 'proceeding');
      invite.sent(false);
      invite.step('send 300-699');
      time.passMs(100_000);
      const copies = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
      expect(done).to.deep.equal(['0 send', ...repeatsAt(...copies), '32000 over', '32000 tell of timeout']);
    });

    it('send it no more once its ACK came, and absorb copies of that for T4: I', () => {
      const invite = machine<keyof typeof INVITE_SERVER, ServerEvent>(INVITE_SERVER, 'proceeding');
      invite.sent(false);
      invite.step('send 300-699');
      time.passMs(600);
      invite.step('ACK');
      time.passMs(4_999);
      expect(done).to.deep.equal(['0 send', '500 repeat']);
      time.passMs(1);
      expect(done.slice(2)).to.deep.equal(['5600 over']);
    });

    it('keep an accepted one for 64*T1: L', () => {
      const invite = machine<keyof typeof INVITE_SERVER, ServerEvent>(INVITE_SERVER, 'proceeding');
      invite.step('send 2xx');
      time.passMs(32_000);
      expect(done).to.deep.equal(['0 send', '32000 over']);
    });
  });

  describe('of another request that came', () => {
    it('send a 100 when the client sends its copies every T2, and keep the answer for 64*T1: 100 and J', () => {
      const request = machine<keyof typeof REQUEST_SERVER, ServerEvent>(REQUEST_SERVER, 'trying');
      request.sent(false);
      request.step('send 100');
      request.step('send 101-199');
      request.step('request again');
      time.passMs(3_500);
      expect(done).to.deep.equal(['3500 send 100']);
      request.step('request again');
      request.step('send 2xx');
      time.passMs(32_000);
      expect(done.slice(1)).to.deep.equal(['3500 repeat', '3500 send', '35500 over']);
    });
  });

  it('all stop when the transaction is ended before its time', () => {
    const invite = machine<keyof typeof INVITE_CLIENT, ClientEvent>(INVITE_CLIENT, 'calling');
    invite.sent(false);
    expect(invite.isRetransmitting).to.equal(true);
    invite.end();
    expect(invite.isRetransmitting).to.equal(false);
    expect(time.running).to.equal(0);
  });

  it('follow T1 as table 4 of RFC 3261 says', () => {
    setTimers(100);
    expect(transactionTimeoutMs()).to.equal(6_400);
    const invite = machine<keyof typeof INVITE_SERVER, ServerEvent>(INVITE_SERVER, 'proceeding');
    invite.sent(false);
    invite.step('send 300-699');
    time.passMs(2_000);
    expect(done).to.deep.equal(['0 send', ...repeatsAt(100, 300, 700, 1_500)]);
    invite.step('ACK');
    time.passMs(1_000);
    expect(done.at(-1)).to.equal('3000 over');
  });
});
