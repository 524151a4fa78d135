import { expect } from 'chai';
import fc from 'fast-check';
import { parseAuthorization } from '../../../container/security/authorization-header.js';

const fields = {
  username: '"user1"',
  realm: '"example.com"',
  nonce: '"n"',
  uri: '"/callcontroller/user1/user2"',
  response: '"0"',
  qop: 'auth',
  nc: '00000001',
  cnonce: '"c"',
};

function digest(changes: Readonly<Record<string, string>> = {}, separator = ', '): string {
  return `Digest ${Object.entries({ ...fields, ...changes })
    .map(([name, value]) => `${name}=${value}`)
    .join(separator)}`;
}

function statusOf(header: string): unknown {
  try {
    parseAuthorization(header);
    return 200;
  } catch (error) {
    return (error as { status?: number }).status;
  }
}

describe('An Authorization header', () => {
  it('gives name and password of Basic: the name ends at the first colon', () => {
    const header = `Basic ${Buffer.from('user1:a:bü').toString('base64')}`;
    expect(parseAuthorization(header)).to.deep.equal({ scheme: 'Basic', name: 'user1', password: 'a:bü' });
  });

  for (const [what, header] of [
    ['the scheme in small letters', 'basic dXNlcjE6eA=='],
    ['more spaces', 'Basic   dXNlcjE6eA==  '],
    ['no padding', 'Basic dXNlcjE6eA'],
  ] as const)
    it(`may have ${what}`, () => {
      expect(parseAuthorization(header)).to.include({ name: 'user1', password: 'x' });
    });

  it('gives the fields of Digest, and MD5 if no algorithm is named', () => {
    expect(parseAuthorization(digest())).to.deep.equal({
      scheme: 'Digest',
      name: 'user1',
      realm: 'example.com',
      nonce: 'n',
      uri: '/callcontroller/user1/user2',
      algorithm: 'MD5',
      cnonce: 'c',
      nc: '00000001',
      response: '0',
    });
  });

  for (const [what, header] of [
    ['quotes around all values', digest({ qop: '"auth"', nc: '"00000001"', algorithm: '"SHA-256"' })],
    ['names in capitals', digest().replace('username', 'USERNAME')],
    ['no spaces between', digest({}, ',')],
    ['tabs and spaces between', digest({}, '\t , ')],
    ['fields that nobody knows', digest({ opaque: '"x"', 'auth-param': 'y' })],
  ] as const)
    it(`may have ${what}`, () => {
      expect(parseAuthorization(header)).to.include({ scheme: 'Digest', name: 'user1', nc: '00000001' });
    });

  it('gives quoted characters as they are', () => {
    expect(parseAuthorization(digest({ username: '"a\\"b\\\\c"' }))).to.include({ name: 'a"b\\c' });
  });

  it('is read as UTF-8, although Node reads headers as Latin-1', () => {
    const latin1 = Buffer.from(digest({ username: '"jürgen"' }), 'utf8').toString('latin1');
    expect(parseAuthorization(latin1)).to.include({ name: 'jürgen' });
  });

  for (const header of [
    '',
    'Basic',
    'Basic ',
    'Digest ',
    'Basic é',
    'Basic dXNlcjE6eA==, Basic dXNlcjE6eA==',
    digest({}, ' '),
    digest({}, ';'),
    `${digest()}, username="other"`,
    `${digest()} x`,
    `${digest()},,`,
    `${digest()}, "x"=y`,
    `${digest()}, x=`,
    `${digest()}, x="y`,
    digest({ username: 'user 1' }),
    digest({ nc: '1' }),
    digest({ qop: '"auth,auth-int"' }),
    digest({ algorithm: '""' }),
  ])
    it(`is refused with 400: ${header.slice(-40)}`, () => {
      expect(statusOf(header)).to.equal(400);
    });

  it('of another scheme gives nothing', () => {
    expect(parseAuthorization('Bearer abc.def')).to.equal(undefined);
  });

  it('is refused without being shown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), (text) => {
        for (const scheme of ['Basic', 'Digest', 'x']) {
          try {
            parseAuthorization(`${scheme} ${text}`);
          } catch (error) {
            const { message, status } = error as Error & { status: number };
            expect(status).to.equal(400);
            expect(message).to.not.contain(text);
          }
        }
      }),
    );
  });

  it('is read in linear time', () => {
    for (const filler of [' ', ',', '\\', '"', 'a=', 'a=b,', '="', '\t=']) {
      const start = performance.now();
      statusOf(`Digest ${filler.repeat(16_000 / filler.length)}`);
      expect(performance.now() - start, filler).to.be.below(500);
    }
  });
});
