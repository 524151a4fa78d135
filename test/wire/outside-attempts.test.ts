import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentAttempts } from '../fixtures/outside/agent-attempts.js';
import type { Attempt } from '../fixtures/outside/attempt.js';
import { basicAttempts } from '../fixtures/outside/basic-attempts.js';
import { digestAttempts } from '../fixtures/outside/digest-attempts.js';
import { pathAttempts } from '../fixtures/outside/path-attempts.js';
import { smugglingAttempts } from '../fixtures/outside/smuggling-attempts.js';
import { newNonce } from '../support/outside/digest.js';
import { exchange } from '../support/outside/exchange.js';
import { type OutsideRig, startOutside } from '../support/outside/rig.js';

const groups: Readonly<Record<string, readonly Attempt[]>> = {
  'a Basic login': basicAttempts,
  'a Digest login': digestAttempts,
  'a right login on behalf of another': agentAttempts,
  'a path to the inside': pathAttempts,
  'a request of two meanings': smugglingAttempts,
};

describe('Nobody gets in from outside by', function () {
  let folder: string;
  let rig: OutsideRig;
  let count = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-plugins-'));
    await writeInsidePlugin(join(folder, 'inside-only'));
    rig = await startOutside({ pluginDir: folder });
    expect((await rig.container.get('/inside-only/door')).status).to.equal(200);
  });

  after(async () => {
    await rig?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [name, attempts] of Object.entries(groups)) {
    describe(name, () => {
      for (const { title, status, bytes } of attempts) {
        it(`${status} for ${title}`, async () => {
          count += 1;
          const attacker = { user: `user${(count % 140) + 3}`, from: `127.1.${count >> 8}.${count & 255}` };
          const nonce = () => newNonce(rig.port, attacker);
          const sent = await bytes({ user: attacker.user, victim: 'user1', nonce });
          const replies = await exchange(rig.port, sent, attacker);
          const answers = replies.map((reply) => reply.status);
          expect(answers, replies.map(({ body }) => body).join('\n')).to.deep.equal([status]);
          expect(replies[0]?.header('content-type')).to.equal('text/xml; charset=utf-8');
          if (!sent.startsWith('HEAD ')) expect(replies[0]?.body).to.contain(`<error-code>${status}</error-code>`);
          expect(rig.proxy.messages.map((message) => message.split('\r\n')[0])).to.deep.equal([]);
        });
      }
    });
  }

  describe('and the container', () => {
    it('has refused them all without telling a PIN or a password to the log', () => {
      const log = rig.container.logLines().join('\n');
      expect(log)
        .to.contain('Login refused')
        .and.not.match(/pin-of-|password-of-|x{100}/);
    });
  });
});

async function writeInsidePlugin(folder: string): Promise<void> {
  await mkdir(folder);
  const sipxrest = { uriPrefix: '/inside-only', securityLevel: 'LOCAL-ONLY' };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'inside-only', type: 'module', sipxrest }));
  await writeFile(
    join(folder, 'index.js'),
    `export default class Inside {
      constructor(sdk) {
        sdk.routes.get('/door', (ctx) => { ctx.body = 'open'; });
      }
    }`,
  );
}
