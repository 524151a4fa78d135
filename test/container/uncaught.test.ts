import { expect } from 'chai';
import { configuration, type Finished, sipxrest } from './cli/command.js';
import { pluginFixture } from './plugins/host.js';

describe('An error that nobody catches', () => {
  let url: string;
  let finished: Promise<Finished>;
  let pid: number;
  let undo: (() => Promise<unknown>)[];

  beforeEach(async () => {
    undo = [];
    const { file, remove } = await configuration({ pluginDir: pluginFixture('isolation'), requestTimeoutMs: 200 });
    undo.push(remove);
    const command = sipxrest('start', '--config', file);
    undo.push(() => command.kill());
    ({ finished, pid } = command);
    const { http } = JSON.parse(await command.firstLine) as { http: number };
    url = `http://127.0.0.1:${http}/faulty`;
  });

  afterEach(async () => {
    for (const step of undo.toReversed()) await step();
  });

  /** The log of a container that still serves, and ends in order when it is told to. */
  async function logOfAlive(): Promise<string> {
    expect(await (await fetch(`${url}/well`)).text()).to.equal('well');
    process.kill(pid, 'SIGTERM');
    const { code, errors } = await finished;
    expect(code, errors.join('\n')).to.equal(0);
    return errors.join('\n');
  }

  for (const [what, logged] of [
    ['error', /"error":\{[^}]*"message":"in a timer","stack":"Error: in a timer\\n[^"]*faulty\/index\.js[^}]*\}/],
    ['text', /"error":"a text in a timer"/],
    ['misuse', /"error":\{[^}]*"name":"RangeError"/],
  ] as const) {
    it(`in a plugin's timer ends no call of others: ${what}`, async () => {
      expect((await fetch(`${url}/in-a-timer/${what}`)).status).to.equal(503);
      const log = await logOfAlive();
      expect(log).to.match(logged).and.include('"msg":"Nobody has caught an error"');
      if (what !== 'text') expect(log).to.match(/"plugin":"faulty","error":/);
    });
  }

  it("in a plugin's promise ends no call of others", async () => {
    expect(await (await fetch(`${url}/unhandled`)).text()).to.equal('answered');
    const log = await logOfAlive();
    expect(log).to.include('"message":"a promise that nobody keeps"').and.include('Nobody has handled a rejection');
    expect(log).to.match(/"plugin":"faulty","error":/);
  });

  it('of the container itself ends it, in order, with exit code 1', async () => {
    await fetch(`${url}/container`);
    const { code, errors } = await finished;
    expect(code, errors.join('\n')).to.equal(1);
    expect(errors.join('\n')).to.include('"msg":"The container itself has failed, and ends"').and.include('"Stopping"');
  });
});
