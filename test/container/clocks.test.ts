import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Modules that count, keep or refuse something for some time. */
const TIMED = [
  'container/security',
  'container/cache',
  'container/sip',
  'plugins/api/events',
  'plugins/redirect',
  'plugins/sandbox',
];
const TIMED_FILES = [
  'container/load.ts',
  'plugins/callcontroller/call-limits.ts',
  'plugins/callcontroller/idempotency.ts',
  'plugins/callcontroller/model/traces.ts',
  'plugins/callcontroller/rate.ts',
];
/** The validity of a certificate is stated in times of day. */
const TIME_OF_DAY = ['container/security/self-signed.ts'];

describe('Lockouts, nonces, lifetimes and limits', () => {
  it('go by the clock that does not jump, and not by the time of day', () => {
    const files = TIMED.flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name}`),
    );
    const asking = [...files, ...TIMED_FILES].filter((file) =>
      /\bDate\.now\b|new Date\(\)/.test(readFileSync(`${root}${file}`, 'utf8')),
    );
    expect(asking).to.deep.equal(TIME_OF_DAY);
  });
});
