import { expect } from 'chai';
import { mock } from 'node:test';
import { endToEndHeaders } from '../../../../plugins/callcontroller/invite/end-to-end.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import { InviteCall } from '../../../../plugins/callcontroller/invite/invite-call.js';
import type { Header, SipMessage } from '../../../../sdk/index.js';
import { newRecord } from '../new-record.js';
import { request } from './call-request.js';
import { type ScriptedLeg, ScriptedSip, sdp } from './scripted-sip.js';

const identities = [
  'P-Asserted-Identity',
  'p-preferred-identity',
  'Remote-Party-ID',
  'Diversion',
  'P-Charging-Vector',
  'Privacy',
  'History-Info',
  'Identity',
  'X-sipX-Authidentity',
];
const ofOneHop = ['Via', 'Route', 'Record-Route', 'Contact', 'Authorization', 'Proxy-Authorization', 'Require', 'Path'];
const unheardOf = [
  'Answer-Mode',
  'Alert-Info',
  'Call-Info',
  'Replaces',
  'Join',
  'Made-Up',
  'P-Made-Up',
  'Security-Client',
];
const meant = ['Subject', 'reason', 'Event', 'Subscription-State', 'Info-Package', 'User-to-User', 'X-Note', 'Accept'];

function carried(isTrusted: boolean, further: readonly string[] = []): string[] {
  const headerNames = [...identities, ...ofOneHop, ...unheardOf, ...meant];
  const message = { headerNames, headers: (name: string) => [name] } as SipMessage;
  return endToEndHeaders(message, { isTrusted, further: new Set(further) }).map(([name]) => name);
}

/** A call whose parties talk to each other. */
function connected(
  trustedParties: readonly string[],
  mayReferTo: (uri: string) => boolean = () => true,
): { alice: ScriptedLeg; bob: ScriptedLeg } {
  const sip = new ScriptedSip();
  const owner = { record: newRecord(), onEnd: () => undefined, legBehind: () => undefined, mayReferTo };
  const call = new InviteCall(request, sip, settingsSchema.parse({ trustedParties }), owner);
  const alice = sip.leg('alice');
  alice.latest.answer(200, { body: sdp('alice', 4000, 'inactive') });
  const bob = sip.leg('bob');
  bob.latest.answer(200, { body: sdp('bob', 5000) });
  alice.latest.answer(200, { body: sdp('alice', 4000) });
  expect(call.isConnected).to.equal(true);
  return { alice, bob };
}

describe('The headers that one telephone sends the other', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('are those that are meant for it, and private ones', () => {
    expect(carried(false)).to.deep.equal(meant);
  });

  it('include identities if the party is trusted', () => {
    expect(carried(true)).to.deep.equal([...identities, ...meant]);
  });

  it('are also those that the configuration names', () => {
    expect(carried(false, ['call-info'])).to.deep.equal(['Call-Info', ...meant]);
  });

  for (const trusted of [[], ['caller'], ['callee']] as const) {
    it(`name a caller to ${trusted.length === 0 ? 'nobody' : `the other party of the ${trusted[0]}`}`, () => {
      const { alice, bob } = connected(trusted);
      const identity: Header = ['P-Asserted-Identity', '<sip:boss@example.com>'];
      alice.ask('INFO', [identity]);
      expect(bob.latest.header('P-Asserted-Identity') !== undefined).to.equal(trusted[0] === 'caller');
      bob.ask('INFO', [identity]);
      expect(alice.latest.header('P-Asserted-Identity') !== undefined).to.equal(trusted[0] === 'callee');
    });
  }

  it('do not have the other telephone call a number: the REFER is answered 403', () => {
    const { alice, bob } = connected([], (uri) => uri === 'sip:carol@example.com');
    const replies = alice.ask('REFER', [['Refer-To', '<sip:0900@example.com>']]);
    expect(replies.map(({ status }) => status)).to.deep.equal([403]);
    expect(bob.methods).not.to.include('REFER');
    alice.ask('REFER', [['Refer-To', '<sip:carol@example.com>']]);
    expect(bob.latest.method).to.equal('REFER');
  });
});
