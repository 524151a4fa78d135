import { expect } from 'chai';
import { type Authority, createAuthority } from '../../support/certificates.js';
import { type Container, startContainer, usersOf } from '../../support/container.js';
import { freePorts } from '../../support/ports.js';
import { configuration, type Finished, sipxrest, sipxrestWith } from './command.js';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from './scripted-server.js';

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

  it('prints each event at once, and ends with exit code 0 when the two are connected', async () => {
    const { code, output, errors } = await call('user1', 'user2');
    expect(output[0]).to.match(/^Call [0-9a-f-]{36}$/);
    expect(output.slice(1)).to.deep.equal([
      `user1@${domain} is called`,
      `user1@${domain} rings`,
      `user1@${domain} has answered`,
      `user2@${domain} rings`,
      `user1@${domain} and user2@${domain} are connected.`,
    ]);
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

  for (const [outcome, args, sentence] of [
    ['the called party is busy', ['user1', 'busy', '--method', 'Refer'], `busy@${domain} is busy (486 Busy Here)`],
    [
      'the called party of an Invite call is busy',
      ['user2', 'busy', '--method', 'invite'],
      `busy@${domain} is busy (486 Busy Here)`,
    ],
    ['the calling party is busy', ['busy', 'user1'], `busy@${domain} is busy (486 Busy Here)`],
    [
      'nobody picks up in time',
      ['noanswer', 'user1', '--timeout', '1'],
      `noanswer@${domain} does not answer (408 Request Timeout)`,
    ],
  ] as const) {
    it(`ends with exit code 1 and says so when ${outcome}`, async () => {
      const { code, output, errors } = await call(...args);
      expect(output.at(-1)).to.equal(`The call failed: ${sentence}.`);
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

describe('sipxrest calls and sipxrest hangup', () => {
  let container: Container;

  before(async () => {
    const port = await freePorts();
    container = await startContainer({
      sipxProxyDomain: domain,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      users: usersOf(domain),
      plugins: { sandbox: { port, ringMs: 20, answerMs: 100, talkMs: 60_000 } },
    });
  });

  after(() => container.stop());

  async function run(...args: string[]): Promise<Finished> {
    return sipxrest(...args, '--url', container.url).finished;
  }

  it('list a call that was placed, watch it end when it is hung up, and know that it is over', async () => {
    expect((await run('calls')).output).to.deep.equal(['No calls.']);
    const placed = await run('call', 'user1', 'user2', '--method', 'Invite');
    const id = (placed.output[0] ?? '').replace('Call ', '');
    const { code, output } = await run('calls');
    expect(output[0]).to.match(/^ID +PLACED +METHOD +CALLER +CALLEE +STATUS +REASON$/);
    expect(output[1]).to.match(new RegExp(`^${id} .* invite +user1@${domain} +user2@${domain} +connected$`));
    expect([code, output.length]).to.deep.equal([0, 2]);

    const watch = sipxrest('calls', '--watch', '--url', container.url);
    await watch.firstLine;
    expect(await run('hangup', id)).to.deep.equal({ code: 0, output: ['Hung up.'], errors: [] });
    const seen = await watch.line(/hung up/);
    expect(seen).to.match(new RegExp(`^\\S+  ${id}  The call is over: the agent hung up$`));
    await watch.kill();

    expect((await run('hangup', id)).output).to.deep.equal([
      'It was over already. The call is over: the agent hung up.',
    ]);
    expect((await run('calls', '--state', 'live')).output).to.deep.equal(['No calls.']);
  });

  it('say that there is no such call', async () => {
    const { code, errors } = await run('hangup', 'nope');
    expect(code).to.equal(1);
    expect(errors[0]).to.match(/^sipxrest: .*: 404 There is no such call$/);
  });
});

describe('sipxrest call from outside', () => {
  let container: Container;
  let port: number;
  let authority: Authority;

  before(async () => {
    port = await freePorts(2);
    authority = await createAuthority();
    const { keyFile: key, certFile: cert } = await authority.issue('127.0.0.1');
    container = await startContainer({
      sipxProxyDomain: domain,
      sipProxy: `sip:127.0.0.1:${port};lr`,
      publicHttpPort: port + 1,
      users: usersOf(domain),
      tls: { key, cert },
      plugins: { sandbox: { port, ringMs: 20, answerMs: 100 } },
    });
  });

  after(async () => {
    await container.stop();
    await authority.remove();
  });

  function call(pin: string): Promise<Finished> {
    const env = { SIPXREST_PIN: pin, NODE_EXTRA_CA_CERTS: authority.caFile };
    const args = ['call', 'user1', 'user2', '--user', 'user1', '--url', `https://127.0.0.1:${port + 1}`];
    return sipxrestWith(env, ...args).finished;
  }

  it('logs in with the PIN of its environment', async () => {
    const { code, output, errors } = await call('123');
    expect(output.at(-1)).to.equal(`user1@${domain} and user2@${domain} are connected.`);
    expect([code, errors]).to.deep.equal([0, []]);
  });

  it('ends with exit code 1 when the PIN is wrong', async () => {
    const { code, output, errors } = await call('321');
    expect([code, output]).to.deep.equal([1, []]);
    expect(errors[0]).to.include(': 401 ');
  });
});

describe('sipxrest call, with a server that it does not know', () => {
  let server: ScriptedServer;

  beforeEach(async () => {
    server = await startScriptedServer();
  });

  afterEach(() => server.stop());

  const opened = stream({ type: 'stream.open', cursor: 'c-1' });
  const placed = { status: 201, body: JSON.stringify(callAs('callingCaller')) };

  async function call(...args: string[]): Promise<Finished> {
    return sipxrest('call', 'a/b', '+15551234', '--url', server.url, ...args).finished;
  }

  it('sends its options in the request, below the path of the URL, and follows events from before the call', async () => {
    server.answers.push(opened, placed, stream(event('c-2', 'call.connected', callAs('connected'))));
    await call('--agent', 'user3', '--timeout', '5', '--method', 'REFER', '--url', `${server.url}/farm/`);
    expect(server.requests).to.deep.equal([
      'GET /farm/v1/events',
      'POST /farm/v1/calls {"caller":"a/b","callee":"+15551234","method":"refer","agent":"user3","timeoutSeconds":5}',
      'GET /farm/v1/events?call=id-1&lastEventId=c-1',
    ]);
  });

  it('goes on behind the last event when the stream is cut', async () => {
    server.answers.push(opened, placed, stream(event('c-2', 'call.caller_ringing', callAs('callingCaller'))));
    server.answers.push(undefined, stream(event('c-3', 'call.handed_over', callAs('handedOver'))));
    const { code, output } = await call();
    expect(server.requests.at(-1)).to.equal('GET /v1/events?call=id-1&lastEventId=c-2');
    expect(output.slice(1)).to.deep.equal([
      'user1@x rings',
      "user1@x's telephone has the call, and whether user2@x answered was never told.",
    ]);
    expect(code).to.equal(0);
  });

  it('asks for the call when events are missing', async () => {
    const failed = { ...callAs('failed'), reason: { code: 'calleeBusy', by: 'callee', sip: 486 } };
    server.answers.push(opened, placed, stream({ type: 'stream.reset', cursor: 'c-9' }), {
      body: JSON.stringify(failed),
    });
    const { code, output } = await call();
    expect([code, output.at(-1)]).to.deep.equal([1, 'The call failed: user2@x is busy (486).']);
  });

  it('lets no control character through to the terminal', async () => {
    const reason = { code: 'calleeFailure', by: 'callee', sip: 500, text: '\u009b31m\u202e' };
    server.answers.push(opened, { status: 201, body: JSON.stringify({ ...callAs('failed'), reason }) });
    server.answers.push(stream(event('c-2', 'call.ended', { ...callAs('failed'), reason })));
    expect((await call()).output.at(-1)).to.equal(
      'The call failed: user2@x cannot be reached (500 \\u009b31m\\u202e).',
    );
  });

  it('ends with one line when the answer is not one of /v1, or too long', async () => {
    server.answers.push(opened, { body: '<status-lines>' });
    expect(await call()).to.deep.equal({
      code: 1,
      output: [],
      errors: [`sipxrest: ${server.url}: The answer is none of /v1`],
    });
    server.answers.push(opened, { body: 'x'.repeat(4 * 1024 * 1024 + 1) });
    expect((await call()).errors).to.deep.equal([`sipxrest: ${server.url}: The answer is longer than 4194304 bytes`]);
  });

  it('ends with one line when nobody listens there', async () => {
    await server.stop();
    const { code, output, errors } = await call();
    expect(errors).to.have.length(1);
    expect(errors[0]).to.match(/^sipxrest: http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
    expect([code, output]).to.deep.equal([1, []]);
  });
});

function callAs(status: string) {
  const isFinal = !status.startsWith('calling') && status !== 'connected';
  const createdAt = '2026-01-31T12:00:00.000Z';
  return { id: 'id-1', status, isFinal, method: 'auto', caller: 'user1@x', callee: 'user2@x', createdAt };
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly cursor?: string;
  readonly data?: object;
}

function event(id: string, type: string, call: object): Message & { readonly timestamp: string } {
  return { id, type, timestamp: '2026-01-31T12:00:00.000Z', data: { call } };
}

function stream(...messages: Message[]): ScriptedAnswer {
  const frames = messages.map((message) => `id: ${message.id ?? ''}\ndata: ${JSON.stringify(message)}\n\n`);
  return { type: 'text/event-stream', body: frames.join('') };
}
