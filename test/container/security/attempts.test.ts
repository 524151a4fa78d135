import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { type Attempt, Attempts, type Outcome } from '../../../container/security/attempts.js';
import { RecordingLog } from '../accounts/recording-log.js';

const who: Attempt = { userName: 'user1', name: '201', remoteAddress: '192.0.2.1' };
const fiveMinutesMs = 300_000;

describe('Attempts to log in', () => {
  let attempts: Attempts;
  let log: RecordingLog;
  const { now } = Date;

  beforeEach(() => {
    log = new RecordingLog();
    attempts = new Attempts(log);
  });

  afterEach(() => {
    Date.now = now;
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
    Date.now = () => now() + fiveMinutesMs - 1_000;
    expect(await attempt('right')).to.equal(429);
    Date.now = () => now() + fiveMinutesMs + 1_000;
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

  it('are counted before they are checked, so that slow checks side by side do not help', async () => {
    const outcomes = Array.from({ length: 30 }, async () => attempts.count(who, slowlyWrong).catch(() => 'refused'));
    const counts = (await Promise.all(outcomes)).filter((outcome) => outcome === 'refused');
    expect(counts).to.have.length(20);
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

  it('take no more memory than a fixed number of counters, whatever names and addresses strangers think of', async () => {
    attempts = new Attempts(log, 64);
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

async function slowlyWrong(): Promise<Outcome> {
  return setImmediate('wrong' as const);
}
