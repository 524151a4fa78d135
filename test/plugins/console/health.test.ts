import { expect } from 'chai';
import {
  daysLeft,
  toneOfDays,
  toneOfLimit,
  uptimeText,
  wordsOfDays,
  wordsOfLimit,
} from '../../../plugins/console/browser/health.js';

const DAY_MS = 86_400_000;

describe('The health of the service', () => {
  for (const [used, tone] of [
    [0, 'good'],
    [79, 'good'],
    [80, 'busy'],
    [99, 'busy'],
    [100, 'bad'],
  ] as const) {
    it(`shows a limit of 100 that is used by ${used} as ${tone}`, () => {
      expect(toneOfLimit({ used, limit: 100 })).to.equal(tone);
    });
  }

  for (const [days, tone, words] of [
    [-1, 'bad', 'has ended'],
    [0, 'busy', 'ends today'],
    [1, 'busy', '1 day left'],
    [13, 'busy', '13 days left'],
    [14, 'good', '14 days left'],
  ] as const) {
    it(`says of a certificate: ${words}`, () => {
      const nowMs = Date.UTC(2026, 0, 1);
      const validTo = new Date(nowMs + (days + 0.5) * DAY_MS).toISOString();
      const left = daysLeft({ subject: '', issuer: '', validTo, isSelfSigned: false }, nowMs);
      expect([left, toneOfDays(left), wordsOfDays(left)]).to.deep.equal([days, tone, words]);
    });
  }

  it('shows a limit that it does not know by its name', () => {
    expect(wordsOfLimit('callsByMoonlight')).to.equal('callsByMoonlight');
  });

  it('shows the uptime in at most two units', () => {
    expect([5, 300, 7_500, 93_600].map(uptimeText)).to.deep.equal(['5 s', '5 min', '2 h 05 min', '1 d 2 h']);
  });
});
