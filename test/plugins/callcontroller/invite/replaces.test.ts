import { expect } from 'chai';
import { type DialogId, referHeaders } from '../../../../plugins/callcontroller/invite/replaces.js';
import type { Leg } from '../../../../sdk/index.js';

/** What the controller calls Carol by. */
const carol = {
  callId: '77@192.0.2.1',
  localTag: 'ours',
  remoteTag: 'carols',
  remoteParty: 'sip:carol@example.com',
} as Leg;

/** The Refer-To that the other party gets, and the dialogs that were looked for. */
function carry(referTo: string, leg: Leg | undefined = carol): { carried: string | undefined; asked: DialogId[] } {
  const asked: DialogId[] = [];
  const headers = referHeaders([['Refer-To', referTo]], (dialog) => {
    asked.push(dialog);
    return leg;
  });
  return { carried: headers[0]?.[1], asked };
}

const own = 'Replaces=1%40192.0.2.1%3Bto-tag%3Da%3Bfrom-tag%3Db';
const carols = 'Replaces=77%40192.0.2.1%3Bto-tag%3Dcarols%3Bfrom-tag%3Dours';

describe('the Refer-To of an attended transfer', () => {
  it('names the dialog of the party behind the controller, and that party', () => {
    expect(carry(`<sip:callcontroller@192.0.2.1:6050?${own}>`)).to.deep.equal({
      carried: `<sip:carol@example.com?${carols}>`,
      asked: [{ callId: '1@192.0.2.1', toTag: 'a', fromTag: 'b' }],
    });
  });

  it('keeps display name, other headers in their order, parameters and flags', () => {
    const { carried } = carry(
      `"Carol <3" <sips:a;lr@b;transport=tcp?Subject=x&${own}%3Bearly-only&Priority=urgent>;method=INVITE`,
    );
    expect(carried).to.equal(
      `"Carol <3" <sip:carol@example.com?Subject=x&${carols}%3Bearly-only&Priority=urgent>;method=INVITE`,
    );
  });

  it('is found in whatever order, case and spacing the telephone writes it', () => {
    const { asked } = carry('<sip:x@y?replaces=1%3BFROM-TAG%20=%20b%3Bto-tag=a>');
    expect(asked).to.deep.equal([{ callId: '1', toTag: 'a', fromTag: 'b' }]);
  });

  for (const [title, referTo] of [
    ['there is no such dialog', `<sip:x@y?${own}>`],
    ['it names no dialog', '<sip:x@y?Subject=Replaces>'],
    ['it has no header', 'sip:x@y'],
    ['it lacks a tag', '<sip:x@y?Replaces=1%3Bto-tag%3Da>'],
    ['it is escaped wrongly', '<sip:x@y?Replaces=1%3Bto-tag%3Da%3Bfrom-tag%3Db%zz>'],
    ['it is no SIP URI', `<tel:+15551234?${own}>`],
  ]) {
    it(`stays as it is when ${title}`, () => {
      const leg = title === 'there is no such dialog' ? undefined : carol;
      const headers = referHeaders([['Refer-To', referTo ?? '']], () => leg);
      expect(headers).to.deep.equal([['Refer-To', referTo]]);
    });
  }

  it('is the only header that is changed', () => {
    const headers = [['Referred-By', `<sip:x@y?${own}>`] as const, ['refer-to', `<sip:x@y?${own}>`] as const];
    expect(referHeaders(headers, () => carol)).to.deep.equal([
      headers[0],
      ['refer-to', `<sip:carol@example.com?${carols}>`],
    ]);
  });
});
