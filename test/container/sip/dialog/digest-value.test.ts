import { expect } from 'chai';
import { createHash } from 'node:crypto';
import {
  canAnswer,
  credentialsFor,
  type DigestedRequest,
  type DigestSecret,
} from '../../../../container/sip/dialog/digest-value.js';
import { expectedResponse, parameters } from '../digest-check.js';
import { challengeIn } from '../message/parser/challenge-in.js';

const mufasa = { userName: 'Mufasa', password: 'Circle of Life' };
const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
const nonce = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"';
const page: DigestedRequest = { method: 'GET', uri: '/dir/index.html', body: '' };

function answer(text: string, secret: DigestSecret = mufasa, request = page, clientNonce = cnonce): string {
  const challenge = challengeIn(text);
  if (!canAnswer(challenge, secret)) throw new Error(`Not answered: ${text}`);
  return credentialsFor(challenge, secret, request, { count: 1, cnonce: clientNonce });
}

function isAnswered(text: string, secret: DigestSecret = mufasa): boolean {
  return canAnswer(challengeIn(text), secret);
}

describe('Digest credentials', () => {
  const rfc7616 = `Digest realm="http-auth@example.org", qop="auth, auth-int", ${nonce}`;

  it('are those of RFC 7616 section 3.9.1 for MD5 and SHA-256', () => {
    const responses = ['MD5', 'SHA-256'].map((name) => parameters(answer(`${rfc7616}, algorithm=${name}`))['response']);
    expect(responses).to.deep.equal([
      '8ca523f5e9506fed4657c9700eebdbec',
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    ]);
  });

  it('are those of RFC 2617 section 3.5', () => {
    const header = answer(
      'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      { userName: 'Mufasa', password: 'Circle Of Life' },
      page,
      '0a4f113b',
    );
    expect(parameters(header)).to.include({
      response: '6629fae49393a05397450978507c4ef1',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      nc: '00000001',
      qop: 'auth',
    });
  });

  for (const algorithm of ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess']) {
    for (const qop of ['', ', qop="auth"', ', qop="auth-int"']) {
      it(`are right for ${algorithm}${qop || ' without qop'}`, () => {
        const request = { method: 'INVITE', uri: 'sip:b@example.com', body: 'v=0\r\n' };
        const header = answer(
          `Digest realm="r", ${nonce}, algorithm=${algorithm.toUpperCase()}${qop}`,
          mufasa,
          request,
        );
        expect(parameters(header)).to.include({
          algorithm,
          response: expectedResponse(header, 'INVITE', mufasa.password, request.body),
        });
      });
    }
  }

  it('answer a challenge with a flag, or with qop values without their quotes', () => {
    for (const rest of ['stale', 'qop=auth,auth-int', 'qop="auth",'])
      expect(isAnswered(`Digest realm="r", ${nonce}, ${rest}`)).to.equal(true);
    expect(parameters(answer(`Digest realm="r", ${nonce}, qop=auth,auth-int`))['qop']).to.equal('auth');
  });

  it('have neither qop, nc nor cnonce when the server knows no qop, or names none', () => {
    for (const qop of ['', ', qop=""', ', qop=']) {
      expect(parameters(answer(`Digest realm="r", ${nonce}${qop}`))).to.not.have.any.keys('qop', 'nc', 'cnonce');
    }
  });

  it('are made where a value is empty, or a comma is one too many', () => {
    const header = answer('Digest realm="", nonce="", opaque="", algorithm=, stale=,');
    expect(parameters(header)).to.include({ realm: '', nonce: '', opaque: '', algorithm: 'MD5' });
    expect(parameters(header)['response']).to.equal(expectedResponse(header, 'GET', mufasa.password));
  });

  it('are not made for algorithms, schemes and kinds of protection that nobody here knows, or without realm or nonce', () => {
    for (const challenge of [
      'Basic realm="r"',
      `Digest realm="r", ${nonce}, algorithm=SHA-512-256`,
      `Digest realm="r", ${nonce}, qop="auth-conf"`,
      `Digest ${nonce}`,
      'Digest realm="r"',
    ])
      expect(isAnswered(challenge), challenge).to.equal(false);
  });

  it('send realm, nonce and opaque back to the letter, escapes included', () => {
    const header = answer(String.raw`Digest realm="a \"b\" \\c", nonce="n\"1", opaque="o\\", qop="auth"`);
    expect(header).to.include(String.raw`realm="a \"b\" \\c"`);
    expect(header).to.include(String.raw`nonce="n\"1"`);
    expect(header).to.include(String.raw`opaque="o\\"`);
    expect(parameters(header)['response']).to.equal(expectedResponse(header, 'GET', mufasa.password));
  });

  it('are made from a stored HA1 for its own realm and for MD5 only', () => {
    const value = createHash('md5').update('agent:ours:secret').digest('hex');
    const agent = { userName: 'agent', ha1: { realm: 'ours', value } };
    expect(isAnswered(`Digest realm="theirs", ${nonce}`, agent)).to.equal(false);
    expect(isAnswered(`Digest realm="ours", ${nonce}, algorithm=SHA-256`, agent)).to.equal(false);
    for (const algorithm of ['MD5', 'MD5-sess']) {
      const header = answer(`Digest realm="ours", ${nonce}, algorithm=${algorithm}`, agent);
      expect(parameters(header)['response']).to.equal(expectedResponse(header, 'GET', 'secret'));
    }
  });
});
