import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { type Attempt, Attempts, type Outcome } from '../../../container/security/attempts.js';
import { RecordingLog } from '../accounts/recording-log.js';

const who: Attempt = { userName: 'user1', name: '201', remoteAddress: '192.0.2.1' };
const fiveMinutesMs = 300_000;

describe('Attempts to log in', () => {
  let attempts: Attempts;
  let log: RecordingLog;
  let nowMs: number;

  beforeEach(() => {
    nowMs = 0;
    log = new RecordingLog();
    attempts = new Attempts(log, { nowMs: () => nowMs });
  });

  async function attempt(outcome: Outcome, changes: Partial<Attempt> = {}): Promise<Outcome | number> {
    try {
      return await attempts.count({ ...who, ...changes }, () => outcome);
    } catch (error) {
      return (error as { status: number }).status;
    }
  }

  async function repeat(count: number, outcome: Outcome, changes: (index: number) => Partial<Attempt> = () => ({})) {
    const outcomes: (Outcome | number)[] = [];
    for (let index = 0; index < count; index++) outcomes.push(await attempt(outcome, changes(index)));
    return outcomes;
  }

  it('may be right as often as one likes', async () => {
    expect(new Set(await repeat(200, 'right'))).to.deep.equal(new Set(['right']));
  });

  it('may be made with old nonces as often as one likes', async () => {
    expect(new Set(await repeat(200, 'unknown'))).to.deep.equal(new Set(['unknown']));
  });

  it('are over after ten wrong ones for a user, for five minutes', async () => {
    await repeat(10, 'wrong');
    expect(await attempt('right')).to.equal(429);
    nowMs = fiveMinutesMs - 1_000;
    expect(await attempt('right')).to.equal(429);
    nowMs = fiveMinutesMs + 1_000;
    expect(await attempt('right')).to.equal('right');
  });

  it('that must wait are not checked', async () => {
    await repeat(10, 'wrong');
    let checked = false;
    const check = (): Outcome => {
      checked = true;
      return 'right';
    };
    await attempts.count(who, check).catch(() => undefined);
    expect(checked).to.equal(false);
  });

  it('wait for their turn, so that slow checks side by side gain nothing', async () => {
    let checked = 0;
    const slowlyWrong = async (): Promise<Outcome> => {
      checked += 1;
      return setImmediate('wrong' as const);
    };
    const outcomes = Array.from({ length: 30 }, async () => attempts.count(who, slowlyWrong).catch(() => 'refused'));
    const counts = (await Promise.all(outcomes)).filter((outcome) => outcome === 'refused');
    expect({ checked, refused: counts.length }).to.deep.equal({ checked: 10, refused: 20 });
  });

  it('that are right lock nobody out, however many there are side by side and however slow the check is', async () => {
    const outcomes = await Promise.all(Array.from({ length: 200 }, async () => attempts.count(who, slowlyRight)));
    expect(new Set(outcomes)).to.deep.equal(new Set(['right']));
    expect(attempts.sizes).to.deep.equal({ byUser: 0, byAddress: 0 });
  });

  it('that are right get their turn between wrong ones, until the tenth of those', async () => {
    const outcomes = Array.from({ length: 40 }, (_, index) =>
      attempts.count(who, () => setImmediate(index % 3 === 0 ? ('wrong' as const) : ('right' as const))),
    );
    const settled = await Promise.allSettled(outcomes);
    const values = settled.map((each) => (each.status === 'fulfilled' ? each.value : 'refused'));
    expect(values.filter((value) => value === 'wrong')).to.have.length(10);
    expect(values.slice(0, 27)).to.not.include('refused');
  });

  it('that could not be checked are not counted', async () => {
    for (let index = 0; index < 30; index++) {
      const error: unknown = await attempts
        .count(who, () => Promise.reject(new Error('the directory is down')))
        .catch((caught: unknown) => caught);
      expect(error).to.have.property('message', 'the directory is down');
    }
    expect(await attempt('right')).to.equal('right');
  });

  it('for a user that must wait do not use up those of the address', async () => {
    await repeat(10, 'wrong', () => ({ remoteAddress: '192.0.2.9' }));
    await repeat(100, 'right');
    expect(await attempt('right', { userName: 'user2' })).to.equal('right');
  });

  it('from one network of IPv6 are counted together', async () => {
    await repeat(50, 'wrong', (index) => ({ userName: `user${index}`, remoteAddress: `2001:db8:0:1::${index + 1}` }));
    expect(await attempt('right', { remoteAddress: '2001:db8:0:1:ffff::1' })).to.equal(429);
    expect(await attempt('right', { remoteAddress: '2001:db8:0:2::1' })).to.equal('right');
  });

  it('take a fixed amount of memory, whatever names and addresses strangers use', async () => {
    attempts = new Attempts(log, { buckets: 64 });
    await repeat(2_000, 'wrong', (index) => ({
      userName: undefined,
      name: `name${index}`,
      remoteAddress: `10.0.${index >> 8}.${index & 255}`,
    }));
    expect(attempts.sizes).to.deep.equal({ byUser: 64, byAddress: 64 });
  });

  it('are logged by user and address, a name that nobody has not: it may be a PIN', async () => {
    await attempt('wrong');
    await attempt('wrong', { userName: undefined, name: 'secret-pin' });
    expect(log.lines.map(({ level, fields }) => ({ level, ...fields }))).to.deep.equal([
      { level: 'warn', user: 'user1', address: '192.0.2.1' },
      { level: 'warn', user: '(nobody)', address: '192.0.2.1' },
    ]);
  });
});

function slowlyRight(): Promise<Outcome> {
  return setImmediate('right' as const);
}
