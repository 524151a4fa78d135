import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Files that ask for the time of day, and what for; the time of day jumps when somebody sets the clock. */
const TIME_OF_DAY: Readonly<Record<string, string>> = {
  'container/accounts/directory.ts': 'shown: when the users file was read',
  'container/cluster/cluster.ts': 'the first guess at the clock of Redis, which all nodes share',
  'container/security/self-signed.ts': 'the validity of a certificate',
  'plugins/api/http/trace-route.ts': 'shown: until when is traced',
  'plugins/api/webhooks/target.ts': 'the timestamp of a signature; Retry-After, which may be a date',
  'plugins/api/webhooks/webhooks.ts': 'compared with the timestamps of events',
  'plugins/callcontroller/calls.ts': 'shown: createdAt',
  'plugins/callcontroller/invite/invite-call.ts': 'compared with connectedAt, which another node has written',
  'plugins/callcontroller/model/call-id.ts': 'the time in a UUIDv7',
  'plugins/callcontroller/model/call-info.ts': 'shown: the timestamp of an event',
  'plugins/callcontroller/model/call-record.ts': 'shown: times of a call',
  'plugins/callcontroller/model/messages.ts': 'shown: times of messages',
  'plugins/callcontroller/refer/progress-record.ts': 'shown: times of events',
};

describe('Lockouts, lifetimes and limits', () => {
  it('go by the clock that does not jump: only what is shown, or shared with others, by the time of day', () => {
    const files = ['container', 'plugins', 'sdk'].flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !name.startsWith('console/browser/'))
        .map((name) => `${folder}/${name}`),
    );
    const asking = files.filter((file) => /\bDate\.now\b|new Date\(\)/.test(readFileSync(`${root}${file}`, 'utf8')));
    expect(asking.toSorted()).to.deep.equal(Object.keys(TIME_OF_DAY).toSorted());
  });
});
