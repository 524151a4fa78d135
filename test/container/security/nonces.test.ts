import { expect } from 'chai';
import { Nonces } from '../../../container/security/nonces.js';

const lifetimeMs = 1_000;

describe('A nonce', () => {
  let nowMs: number;
  let nonces: Nonces;

  beforeEach(() => {
    nowMs = 1_700_000_000_000;
    nonces = new Nonces({ lifetimeMs, maxUsed: 3, nowMs: () => nowMs });
  });

  it('is good for each count once', () => {
    const nonce = nonces.make();
    expect([1, 1, 2, 2, 1].map((count) => nonces.take(nonce, count))).to.deep.equal([true, false, true, false, false]);
  });

  it('is good for counts that overtake one another by less than 32', () => {
    const nonce = nonces.make();
    expect([40, 9, 8, 39, 9, 71, 40, 41].map((count) => nonces.take(nonce, count))).to.deep.equal([
      true,
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it('is good for the highest count that there is, and for no zero', () => {
    const nonce = nonces.make();
    expect(nonces.take(nonce, 0)).to.equal(false);
    expect(nonces.take(nonce, 0xffffffff)).to.equal(true);
    expect(nonces.take(nonce, 0xffffffff)).to.equal(false);
    expect(nonces.take(nonce, 0xfffffffe)).to.equal(true);
  });

  it('counts for itself', () => {
    const [one, other] = [nonces.make(), nonces.make()];
    expect(one).to.not.equal(other);
    expect([nonces.take(one, 1), nonces.take(other, 1)]).to.deep.equal([true, true]);
  });

  it('runs out', () => {
    const nonce = nonces.make();
    nowMs += lifetimeMs;
    expect(nonces.take(nonce, 1)).to.equal(true);
    nowMs += 1;
    expect(nonces.take(nonce, 2)).to.equal(false);
  });

  it('is not good before it was made', () => {
    const nonce = nonces.make();
    nowMs -= 1;
    expect(nonces.take(nonce, 1)).to.equal(false);
  });

  it('is valid only where it was made', () => {
    expect(new Nonces({ nowMs: () => nowMs }).take(nonces.make(), 1)).to.equal(false);
  });

  it('is not good with any bit changed, cut, lengthened or written otherwise', () => {
    const nonce = nonces.make();
    const bytes = Buffer.from(nonce, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(nonces.take(changed.toString('base64url'), 1), `bit ${bit}`).to.equal(false);
    }
    for (const other of ['', nonce.slice(0, -1), `${nonce}A`, `${nonce}=`, ` ${nonce}`, `${nonce}\n`])
      expect(nonces.take(other, 1), JSON.stringify(other)).to.equal(false);
    expect(nonces.size).to.equal(0);
  });

  it('takes memory only when it is used, and is forgotten when it has run out', () => {
    for (let index = 0; index < 100; index++) nonces.make();
    expect(nonces.size).to.equal(0);
    nonces.take(nonces.make(), 1);
    nonces.take(nonces.make(), 1);
    expect(nonces.size).to.equal(2);
    nowMs += lifetimeMs + 1;
    nonces.take(nonces.make(), 1);
    expect(nonces.size).to.equal(1);
  });

  it('is not good a second time when it had to be forgotten to make room', () => {
    const made = Array.from({ length: 5 }, () => {
      nowMs += 1;
      return nonces.make();
    });
    expect(made.map((nonce) => nonces.take(nonce, 1))).to.deep.equal(Array(5).fill(true));
    expect(nonces.size).to.equal(3);
    expect(made.map((nonce) => nonces.take(nonce, 1))).to.deep.equal(Array(5).fill(false));
    expect(made.map((nonce) => nonces.take(nonce, 2))).to.deep.equal([false, false, true, true, true]);
    nowMs += 1;
    expect(nonces.take(nonces.make(), 1)).to.equal(true);
  });
});
