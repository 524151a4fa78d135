import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { freePorts } from '../support/ports.js';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number; readonly message?: string };
  readonly events: readonly { readonly name: string }[];
}

const SDK = fileURLToPath(new URL('../fixtures/tracing/keep-spans.js', import.meta.url));
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const ERROR = 2;

describe('The spans of OpenTelemetry, with an SDK loaded by the operator', function () {
  this.timeout(60_000);
  let spans: Span[];

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sipxrest-spans-'));
    const file = join(folder, 'spans');
    try {
      await placeCalls({ NODE_OPTIONS: `--import=${SDK}`, SPANS: file });
      const text = await readFile(file, 'utf8');
      spans = text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Span] : []));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  /** The span of a call, and those within it, in the order of their ends. */
  function spansOfCall(requestId: string) {
    const call = spans.find(
      ({ name, attributes }) => name === 'call' && attributes['sipxrest.request.id'] === requestId,
    );
    return { call, within: spans.filter(({ parent }) => parent === call?.spanId) };
  }

  it('are one for the request, in the trace of the client, and one for the call within it', () => {
    const { call } = spansOfCall('talk');
    const request = spans.find(({ spanId }) => spanId === call?.parent);
    expect(request).to.include({ name: 'POST /callcontroller/:callingUser/:calledUser', traceId: TRACE });
    expect(request?.attributes).to.include({ 'http.response.status_code': 200, 'sipxrest.request.id': 'talk' });
    expect(call?.attributes).to.include({ 'sipxrest.call.method': 'refer', 'sipxrest.call.status': 'connected' });
    expect(call?.attributes['sipxrest.call.id']).to.be.a('string');
    const events = call?.events.map(({ name }) => name).filter((name) => name.startsWith('call.'));
    expect(events?.slice(0, 2)).to.deep.equal(['call.created', 'call.caller_ringing']);
    expect(events?.at(-1)).to.equal('call.handed_over');
  });

  it('are one for each SIP transaction within the call', () => {
    const { call, within } = spansOfCall('talk');
    const shown = within.map(({ name, attributes }) => `${name} ${String(attributes['sip.status'])}`);
    expect(shown.slice(0, 2)).to.deep.equal(['SIP INVITE 407', 'SIP INVITE 200']);
    expect(shown).to.include.members(['SIP REFER 202', 'SIP NOTIFY 200', 'SIP BYE 200']);
    for (const { traceId } of within) expect(traceId).to.equal(TRACE);
    expect(within[1]?.events.map(({ name }) => name)).to.include('180 Ringing');
    expect(call?.events.filter(({ name }) => name === 'SIP ACK')).to.have.length(2);
  });

  it('tell why a call has failed', () => {
    const { call, within } = spansOfCall('busy');
    expect(call?.status).to.deep.equal({ code: ERROR, message: 'callerBusy' });
    expect(call?.attributes).to.include({ 'sipxrest.call.status': 'failed', 'sipxrest.call.sip_status': 486 });
    expect(within.at(-1)?.attributes['sip.status']).to.equal(486);
    expect(within.at(-1)?.status.code).to.equal(ERROR);
  });

  it('have no secret', () => {
    expect(JSON.stringify(spans)).not.to.match(/4711|Digest|response=/);
  });
});

async function placeCalls(env: NodeJS.ProcessEnv): Promise<void> {
  const port = await freePorts();
  const busy = { userName: 'busy', identity: 'busy@example.com', sipPassword: '123' };
  const container = await startContainer(
    {
      users: [...usersOf('example.com'), busy],
      sipProxy: `sip:127.0.0.1:${port};lr`,
      plugins: { sandbox: { port, ringMs: 5, answerMs: 20, talkMs: 100 } },
    },
    env,
  );
  try {
    await place(container, '/callcontroller/user1/user2?confpin=4711', 'talk');
    await place(container, '/callcontroller/busy/user2', 'busy');
  } finally {
    await container.stop();
  }
}

/** Places a call, and waits for its end. */
async function place(container: Container, path: string, requestId: string): Promise<void> {
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const answer = await fetch(container.url + path, {
    method: 'POST',
    headers: { 'X-Request-Id': requestId, traceparent },
  });
  const id = answer.headers.get('Location')?.split('/').at(-1) ?? '';
  await container.waitForLog(`"msg":"Call over"`, 10_000);
  const isOver = (): boolean => container.logLines().some((line) => line.includes('Call over') && line.includes(id));
  while (!isOver()) await fetch(`${container.url}/v1/calls/${id}`, { headers: { Prefer: 'wait=1' } });
}
