import { expect } from 'chai';
import { LineBudget } from '../../../container/log/line-budget.js';

describe('The budget of log lines', () => {
  let nowMs: number;
  let budget: LineBudget;

  beforeEach(() => {
    nowMs = 0;
    budget = new LineBudget(() => nowMs);
  });

  function take(count: number, message: string): (number | undefined)[] {
    return Array.from({ length: count }, () => budget.take(message));
  }

  it('allows ten lines of a kind in ten seconds, then reports how many were left out', () => {
    expect(take(25, 'Refused').filter((leftOut) => leftOut === 0)).to.have.length(10);
    nowMs = 9_999;
    expect(take(1, 'Refused')).to.deep.equal([undefined]);
    nowMs = 10_000;
    expect(take(2, 'Refused')).to.deep.equal([16, 0]);
  });

  it('lets no kind take the lines of another', () => {
    take(100, 'Refused');
    expect(take(1, 'Failed')).to.deep.equal([0]);
  });

  it('takes bounded memory even if every line is of a different kind', () => {
    const written = Array.from({ length: 5_000 }, (_, index) => budget.take(`Line ${index}`)).filter(
      (leftOut) => leftOut !== undefined,
    );
    expect(written).to.have.length(1_010);
  });
});
