import { expect } from 'chai';
import type { CallInfo } from '../../../sdk/index.js';
import type { TelephoneLeg } from '../../support/cluster/telephones.js';
import type { Told } from '../../support/event-reader.js';
import { faultsOf, type Seen } from './verdict.js';

const ID = '01a22865-3fdc-75df-87e7-c197105e6979';

const created: Told = { id: '1-0', type: 'call.created', sequence: 1, data: { call: call('initiating') } };
const ended: Told = { id: '2-0', type: 'call.ended', sequence: 2, data: { call: call('disconnected') } };

describe('The verdict of a soak of several nodes', () => {
  it('has no complaints if each event came once and each telephone got one BYE', () => {
    expect(faultsOf(seen([created, ended], [{ byes: 1 }, { hasHungUp: true }]))).to.deep.equal([]);
  });

  for (const [what, told] of [
    ['an event is missing', [ended]],
    ['an event was told twice', [created, created, ended]],
    ['there is no final state', [created]],
    ['there are two final states', [created, ended, { ...ended, sequence: 3 }]],
    ['the final state is another one', [created, { ...ended, data: { call: call('failed') } }]],
  ] as const) {
    it(`names the call where ${what}`, () => {
      const faults = faultsOf(seen(told, []));
      expect(faults).to.have.length(1);
      expect(faults[0]).to.include(ID);
    });
  }

  it('names the telephone that got no BYE, and the one that got two', () => {
    const faults = faultsOf(seen([created, ended], [{ isOver: false }, { byes: 1, hasHungUp: true }]));
    expect(faults).to.deep.equal([
      'calling1 was not told that the call is over',
      'called1 got 1 BYEs, and had hung up',
    ]);
  });
});

function call(status: string): { id: string; status: string; isFinal: boolean } {
  return { id: ID, status, isFinal: status !== 'initiating' };
}

function seen(told: readonly Told[], legs: readonly Partial<TelephoneLeg>[]): Seen {
  const final = { id: ID, status: 'disconnected', isFinal: true } as CallInfo;
  const users = ['calling1', 'called1'];
  return {
    histories: [{ id: ID, number: 1, final, problems: [] }],
    readers: [{ events: new Map([[ID, [...told]]]) }],
    legs: legs.map(
      (leg, index) => ({ user: users[index], isOver: true, byes: 0, hasHungUp: false, ...leg }) as TelephoneLeg,
    ),
    phoneFaults: [],
  };
}
