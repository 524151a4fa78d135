import { newRecord } from '../new-record.js';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { mock } from 'node:test';
import { InviteCall } from '../../../../plugins/callcontroller/invite/invite-call.js';
import { EVENTS, INVITE_CALL, type State, STATES } from '../../../../plugins/callcontroller/invite/invite-states.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import { request } from './call-request.js';
import { type Deed, isAnswered, RandomPhone, type Wish } from './random-phone.js';
import { ScriptedSip } from './scripted-sip.js';

/** In these the controller refuses the commands that want two connected parties. */
const UNCONNECTED: ReadonlySet<State> = new Set([
  'calling',
  'ringing',
  'fetching',
  'offering',
  'alerting',
  'ending',
  'ended',
]);
const seed = 20_261_123;
/** What the calling and the called phone want, by turns, and in how many calls. */
const CROWDS: readonly { readonly pairs: readonly (readonly [Wish, Wish])[]; readonly calls: number }[] = [
  {
    pairs: [
      ['anything', 'offers'],
      ['anything', 'anything'],
    ],
    calls: 6_000,
  },
  { pairs: [['keys', 'noKeys']], calls: 1_000 },
];

/** An Invite call to which anything may happen. */
class World {
  readonly sip = new ScriptedSip();
  ends = 0;
  readonly #phones: RandomPhone[] = [];
  readonly #call: InviteCall;
  #targets = 0;

  constructor(
    private readonly stateOf: () => State,
    private readonly wishes: readonly Wish[],
  ) {
    const owner = {
      record: newRecord(),
      onEnd: () => (this.ends += 1),
      legBehind: () => undefined,
      mayReferTo: () => true,
    };
    this.#call = new InviteCall(request, this.sip, settingsSchema.parse({ liveness: 40 }), owner);
  }

  get phones(): readonly RandomPhone[] {
    for (const leg of this.sip.legs.slice(this.#phones.length))
      this.#phones.push(new RandomPhone(leg, this.#phones.length, this.wishes[this.#phones.length] ?? 'anything'));
    return this.#phones;
  }

  get deeds(): Deed[] {
    const call = this.#call;
    const passes = [1, 40, 180].map((seconds) => ({
      name: `${seconds} s pass`,
      act: () => mock.timers.tick(seconds * 1_000),
    }));
    const commands: Deed[] = UNCONNECTED.has(this.stateOf())
      ? []
      : [
          { name: 'hold', weight: 2, act: () => call.hold() },
          { name: 'resume', weight: 2, act: () => call.resume() },
          {
            name: 'transfer',
            weight: 6,
            act: () => call.transfer(`target${++this.#targets}@example.com`, () => undefined),
          },
        ];
    return [
      ...this.phones.flatMap(({ deeds }) => deeds),
      ...passes,
      ...commands,
      { name: 'hang-up', act: () => call.abandon('hangUp') },
    ];
  }

  /** The call is hung up, and all that is out is answered. */
  end(): void {
    this.#call.abandon('hangUp');
    for (let round = 0; round < 3; round++) {
      for (const phone of this.phones) {
        for (const sent of phone.pending) phone.answer(sent, sent.method === 'BYE' ? 200 : 481);
      }
      mock.timers.tick(this.sip.transactionTimeoutMs);
    }
  }
}

describe('An Invite call to which anything may happen', function () {
  this.timeout(180_000);
  const visited = new Set<string>();
  const cells = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event, cell: INVITE_CALL[state][event] })));
  let current: State = 'calling';

  before(() => {
    for (const { state, event, cell } of cells) {
      const get = (): typeof cell => {
        visited.add(`${event} while ${state}`);
        if (typeof cell === 'object') current = cell.to;
        return cell;
      };
      Object.defineProperty(INVITE_CALL[state], event, { configurable: true, enumerable: true, get });
    }
  });

  after(() => {
    for (const { state, event, cell } of cells)
      Object.defineProperty(INVITE_CALL[state], event, { configurable: true, enumerable: true, value: cell });
  });

  function expectGoodEnd(choices: readonly number[], wishes: readonly Wish[]): void {
    mock.timers.enable({ apis: ['setTimeout'] });
    current = 'calling';
    const deeds: string[] = [];
    try {
      const world = new World(() => current, wishes);
      for (const choice of choices) {
        const deed = chosen(world.deeds, choice);
        deeds.push(`${current}: ${deed.name}`);
        deed.act();
      }
      world.end();
      expectOver(world);
    } catch (error) {
      throw new Error(deeds.join('\n'), { cause: error });
    } finally {
      mock.timers.reset();
    }
  }

  it('ends each leg once, answers every request, acknowledges every answer, is over, and visits every possible cell of its table', () => {
    for (const { pairs, calls } of CROWDS) {
      const walks = fc.noBias(fc.array(fc.nat(1_000_000), { minLength: 5, maxLength: 60 }));
      const walk = fc.property(walks, (choices) => expectGoodEnd(choices, pairs[choices.length % pairs.length] ?? []));
      fc.assert(walk, { seed, numRuns: calls });
    }
    const possible = cells
      .filter(({ cell }) => cell !== 'impossible')
      .map(({ state, event }) => `${event} while ${state}`);
    expect([...visited].toSorted()).to.deep.equal(possible.toSorted());
  });
});

/** Any number stands for one of the deeds, more numbers for one with more weight. */
function chosen(deeds: readonly Deed[], choice: number): Deed {
  const sum = deeds.reduce((total, { weight = 1 }) => total + weight, 0);
  let rest = choice % sum;
  for (const deed of deeds) {
    rest -= deed.weight ?? 1;
    if (rest < 0) return deed;
  }
  throw new Error('Nothing can happen any more');
}

function expectOver({ sip, phones, ends }: World): void {
  expect(ends, 'ends').to.equal(1);
  for (const [index, { isReleased, acks }] of sip.legs.entries()) {
    const phone = phones[index];
    expect(isReleased, `leg ${index} is released`).to.equal(true);
    if (!phone) continue;
    expect(phone.byesGot, `BYEs to phone ${index}`).to.be.at.most(1);
    expect(phone.isOver, `phone ${index} is ended`).to.equal(phone.isAnswered);
    for (const { method, replies } of phone.asked.filter((each) => each.method !== 'BYE'))
      expect([method, replies.filter(({ status }) => status >= 200).length, isAnswered(replies)]).to.deep.equal([
        method,
        1,
        true,
      ]);
    if (phone.byesSent === 0) expect(acks.length, `ACKs to phone ${index}`).to.equal(phone.accepted);
  }
}
