import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../../support/container.js';
import { freePorts } from '../../support/ports.js';
import { configuration, type Finished, sipxrest } from './command.js';
import { type ScriptedServer, startScriptedServer } from './scripted-server.js';

const domain = 'sandbox.test';
const sandboxUsers = ['busy', 'noanswer'].map((userName) => ({
  userName,
  identity: `${userName}@${domain}`,
  pin: '123',
  sipPassword: '123',
}));

describe('sipxrest call', () => {
  let container: Container;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      sipxProxyDomain: domain,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      users: [...usersOf(domain), ...sandboxUsers],
      plugins: { sandbox: { port, ringMs: 20, answerMs: 100 } },
    });
  });

  after(() => container.stop());

  async function call(...args: string[]): Promise<Finished> {
    return sipxrest('call', ...args, '--url', container.url).finished;
  }

  it('shows each answer as it comes, and ends with exit code 0 when the two are connected', async () => {
    const { code, output, errors } = await call('user1', 'user2');
    expect(output).to.include.members(['INVITE SIP/2.0 200 OK', 'REFER SIP/2.0 202 Accepted', 'NOTIFY SIP/2.0 200 OK']);
    expect(output.filter((line) => line === 'INVITE SIP/2.0 180 Ringing')).to.have.length(1);
    expect(output.at(-1)).to.equal('user1 and user2 are connected.');
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('finds the container by its configuration', async () => {
    const { file, remove } = await configuration({ httpPort: container.httpPort });
    const { code, errors } = await sipxrest('call', 'user1', 'user2', '--config', file).finished;
    await remove();
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('asks for a URL when the configuration leaves the port open', async () => {
    const { file, remove } = await configuration({});
    const { code, errors } = await sipxrest('call', 'user1', 'user2', '--config', file).finished;
    await remove();
    expect([code, errors[0]]).to.deep.equal([
      2,
      'The configuration leaves the port open (httpPort is 0): --url is needed',
    ]);
  });

  it('shows the states of both legs of an Invite call', async () => {
    const { code, output, errors } = await call('user1', 'user2', '--method', 'invite');
    for (const user of ['user1', 'user2'])
      expect(output).to.include(`sip:${user}@${domain} Confirmed Dialog SIP/2.0 200 OK`);
    expect(output.at(-1)).to.equal('user1 and user2 are connected.');
    expect([code, errors]).to.deep.equal([0, []]);
  });

  for (const [outcome, args, line] of [
    ['the called party is busy', ['user1', 'busy'], /^NOTIFY SIP\/2\.0 486 /],
    ['the called party of an Invite call is busy', ['user2', 'busy', '--method', 'Invite'], / SIP\/2\.0 486 /],
    ['the calling party is busy', ['busy', 'user1'], /^INVITE SIP\/2\.0 486 /],
    ['nobody picks up in time', ['noanswer', 'user1', '--timeout', '1'], /^INVITE SIP\/2\.0 408 /],
  ] as const) {
    it(`ends with exit code 1 when ${outcome}`, async () => {
      const { code, output, errors } = await call(...args);
      expect(output.filter((each) => line.test(each))).not.to.deep.equal([]);
      expect(output.at(-1)).to.equal('The call failed.');
      expect([code, errors]).to.deep.equal([1, []]);
    });
  }

  it('ends with exit code 1 and the reason when the container refuses the call', async () => {
    const { code, output, errors } = await call('user4', 'user2');
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^sipxrest: http:\/\/127\.0\.0\.1:\d+: 403 .*user4/);
    expect([code, output]).to.deep.equal([1, []]);
  });
});

describe('sipxrest call, with a server that it does not know', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await startScriptedServer();
  });

  afterEach(() => server.stop());

  async function call(...args: string[]): Promise<Finished> {
    return sipxrest('call', 'user1', '+15551234', '--url', server.url, ...args).finished;
  }

  it('asks for what its options say, below the path of the URL', async () => {
    server.documents.push(statusLines('NOTIFY SIP/2.0 200 OK'));
    await sipxrest('call', 'a/b', '+1', '--agent', 'user3', '--timeout', '5', '--url', `${server.url}/farm/`).finished;
    expect(server.requests).to.deep.equal([
      'POST /farm/callcontroller/a%2Fb/%2B1?agent=user3&timeout=5',
      'GET /farm/callcontroller/a%2Fb/%2B1?agent=user3',
    ]);
  });

  it('waits for the first answer, and ends when the record is gone before it tells an end', async () => {
    server.documents.push(statusLines(), statusLines('INVITE SIP/2.0 100 Trying'), statusLines());
    const { code, output, errors } = await call();
    expect(output).to.deep.equal(['INVITE SIP/2.0 100 Trying', 'The call failed.']);
    expect([code, errors]).to.deep.equal([1, []]);
  });

  it('goes on after a challenge', async () => {
    const challenge = 'INVITE SIP/2.0 407 Proxy Authentication Required';
    server.documents.push(statusLines(challenge), statusLines(challenge, 'NOTIFY SIP/2.0 200 OK'));
    expect(await call()).to.deep.include({ code: 0 });
  });

  it('lets no control character through to the terminal', async () => {
    server.documents.push(statusLines('INVITE SIP/2.0 486 \u009b31m\u202e'));
    expect((await call()).output).to.deep.equal(['INVITE SIP/2.0 486 \\u009b31m\\u202e', 'The call failed.']);
  });

  it('ends with one line when the document is not well-formed, or too long', async () => {
    server.documents.push('<status-lines>');
    const broken = await call();
    expect(broken.errors).to.have.length(1);
    expect(broken.errors[0]).to.include(`${server.url}: line 1: expected well-formed XML`);
    expect([broken.code, broken.output]).to.deep.equal([1, []]);

    server.documents.push(statusLines('x'.repeat(1024 * 1024)));
    const long = await call();
    expect(long).to.deep.include({ code: 1, output: [] });
    expect(long.errors).to.deep.equal([`sipxrest: ${server.url}: The answer is longer than 1048576 bytes`]);
  });

  it('ends with one line when the answer is cut off', async () => {
    server.documents.push(undefined);
    const { code, output, errors } = await call();
    expect(errors).to.have.length(1);
    expect(errors[0]).to.include(`sipxrest: ${server.url}: `);
    expect([code, output]).to.deep.equal([1, []]);
  });

  it('ends with one line when nobody listens there', async () => {
    await server.stop();
    const { code, output, errors } = await call();
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^sipxrest: http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect([code, output]).to.deep.equal([1, []]);
  });
});

/** A record whose lines are as `INVITE SIP/2.0 100 Trying`. */
function statusLines(...lines: string[]): string {
  const elements = lines.map((line) => {
    const [method = '', ...statusLine] = line.split(' ');
    return `<status><method>${method}</method><status-line>${statusLine.join(' ')}</status-line></status>`;
  });
  return `<status-lines xmlns="http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00">${elements.join('')}</status-lines>`;
}
