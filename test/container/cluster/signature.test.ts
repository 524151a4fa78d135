import { expect } from 'chai';
import { HEADERS, sign, SignatureCheck, type SignedHeaders } from '../../../container/cluster/signature.js';

const secret = 'a secret';
const nowMs = 1_700_000_000_000;

describe('A request from node to node', () => {
  let check: SignatureCheck;
  let headers: SignedHeaders;

  beforeEach(() => {
    check = new SignatureCheck('other');
    headers = sign(secret, 'one', 'other', 'body', nowMs);
  });

  it('is genuine once', () => {
    expect(isGenuine()).to.equal(true);
    expect(isGenuine()).to.equal(false);
  });

  it('is not genuine with another body, secret or receiver', () => {
    expect(isGenuine({ body: 'another' })).to.equal(false);
    expect(isGenuine({ secret: 'another' })).to.equal(false);
    check = new SignatureCheck('a third');
    expect(isGenuine()).to.equal(false);
  });

  it('is not genuine as a request of another node, or of another time', () => {
    expect(isGenuine({ headers: { ...headers, [HEADERS.node]: 'a third' } })).to.equal(false);
    expect(isGenuine({ headers: { ...headers, [HEADERS.time]: String(nowMs + 1) } })).to.equal(false);
    expect(isGenuine({ nowMs: nowMs + 31_000 })).to.equal(false);
    expect(isGenuine({ nowMs: nowMs - 31_000 })).to.equal(false);
  });

  it('is not genuine without its signature', () => {
    expect(isGenuine({ headers: {} })).to.equal(false);
    expect(isGenuine({ headers: { ...headers, [HEADERS.signature]: '' } })).to.equal(false);
  });

  function isGenuine(
    other: {
      readonly headers?: Partial<SignedHeaders>;
      readonly body?: string;
      readonly secret?: string;
      readonly nowMs?: number;
    } = {},
  ): boolean {
    const given = { headers, body: 'body', secret, nowMs, ...other };
    const header = (name: string): string | undefined => (given.headers as Record<string, string | undefined>)[name];
    return check.isGenuine(given.secret, header, given.body, given.nowMs);
  }
});
