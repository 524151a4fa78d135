import { expect } from 'chai';
import { type DialogId, referHeaders, type ReferRules } from '../../../../plugins/callcontroller/invite/replaces.js';
import type { Header, Leg } from '../../../../sdk/index.js';

/** What the controller calls Carol by. */
const carol = {
  callId: '77@192.0.2.1',
  localTag: 'ours',
  remoteTag: 'carols',
  remoteParty: 'sip:carol@example.com',
} as Leg;

const rules: ReferRules = {
  further: new Set(),
  isTrusted: false,
  legBehind: () => undefined,
  mayReferTo: () => true,
};

/** The Refer-To that the other party gets, and the dialogs that were looked for. */
function carry(referTo: string, leg: Leg | undefined = carol): { carried: string | undefined; asked: DialogId[] } {
  const asked: DialogId[] = [];
  const legBehind = (dialog: DialogId): Leg | undefined => {
    asked.push(dialog);
    return leg;
  };
  return { carried: referHeaders([['Refer-To', referTo]], { ...rules, legBehind })?.[0]?.[1], asked };
}

const own = 'Replaces=1%40192.0.2.1%3Bto-tag%3Da%3Bfrom-tag%3Db';
const carols = 'Replaces=77%40192.0.2.1%3Bto-tag%3Dcarols%3Bfrom-tag%3Dours';

function afterwards(referTo: string): Header[] | undefined {
  return referHeaders([['Refer-To', referTo]], rules);
}

/** Whether a REFER with these values is carried, where a telephone may have the other one call Bob and nobody else. */
function isCarriedForBob(...referTo: string[]): boolean {
  const headers = referTo.map((value) => ['Refer-To', value] as const);
  return referHeaders(headers, { ...rules, mayReferTo: (uri) => uri === 'sip:bob@example.com' }) !== undefined;
}

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

  it('is found in any order, case and spacing', () => {
    const { asked } = carry('<sip:x@y?replaces=1%3BFROM-TAG%20=%20b%3Bto-tag=a>');
    expect(asked).to.deep.equal([{ callId: '1', toTag: 'a', fromTag: 'b' }]);
  });

  for (const [title, referTo] of [
    ['there is no such dialog', `<sip:x@y?${own}>`],
    ['it names no dialog', '<sip:x@y?Subject=Replaces>'],
    ['it has no header', 'sip:x@y'],
    ['it lacks a tag', '<sip:x@y?Replaces=1%3Bto-tag%3Da>'],
    ['it is escaped wrongly', '<sip:x@y?Replaces=1%3Bto-tag%3Da%3Bfrom-tag%3Db%zz>'],
  ]) {
    it(`is unchanged if ${title}`, () => {
      const leg = title === 'there is no such dialog' ? undefined : carol;
      const headers = referHeaders([['Refer-To', referTo ?? '']], { ...rules, legBehind: () => leg });
      expect(headers).to.deep.equal([['Refer-To', referTo]]);
    });
  }

  it('is the only header changed', () => {
    const headers = [['Referred-By', `<sip:x@y?${own}>`] as const, ['refer-to', `<sip:x@y?${own}>`] as const];
    expect(referHeaders(headers, { ...rules, legBehind: () => carol })).to.deep.equal([
      headers[0],
      ['refer-to', `<sip:carol@example.com?${carols}>`],
    ]);
  });

  it('loses headers that a telephone would put into its INVITE in the name of another', () => {
    const fields = 'P-Asserted-Identity=x&X-sipX-Authidentity=x&Answer-Mode=Auto&Route=%3Csip:a%3E&%52oute=x&Subject=y';
    expect(afterwards(`<sip:bob@example.com?${fields}&${own}>`)).to.deep.equal([
      ['Refer-To', `<sip:bob@example.com?Subject=y&${own}>`],
    ]);
    expect(afterwards('sip:bob@example.com?Route=x')).to.deep.equal([['Refer-To', '<sip:bob@example.com>']]);
  });

  it('is refused if the telephone may not transfer the other one to that target', () => {
    expect(isCarriedForBob('<sip:bob@example.com>')).to.equal(true);
    expect(isCarriedForBob('<sip:0900@example.com>')).to.equal(false);
    expect(isCarriedForBob('<sip:bob@example.com>', 'sip:0900@example.com')).to.equal(false);
    for (const value of ['<tel:+1900>', `<tel:+1900?${own}>`, '<http://example.com>', '<sip:bob@example.com', ''])
      expect(isCarriedForBob(value), value).to.equal(false);
  });

  it('may name a number that the party behind the controller has', () => {
    const headers = referHeaders([['Refer-To', `<sip:0900@example.com?${own}>`]], {
      ...rules,
      legBehind: () => carol,
      mayReferTo: () => false,
    });
    expect(headers).to.deep.equal([['Refer-To', `<sip:carol@example.com?${carols}>`]]);
  });
});
