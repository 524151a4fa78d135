import { expect } from 'chai';
import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type Container, startContainer } from '../support/container.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';

interface BadRequest {
  readonly title: string;
  readonly status: number;
  /** POST by default. */
  readonly method?: string;
  /** Path and query as they go on the wire, percent-encoded. */
  readonly path: string;
  /** The whole error text, where the contract fixes it. */
  readonly errorText?: string;
}

const call = '/callcontroller/user1/user2';
const long = 'a'.repeat(10_240);

/** What cannot stand in a SIP user part, percent-encoded. */
const badUsers: Readonly<Record<string, string>> = {
  'a line break': 'user1%0d%0aVia:x',
  'a bare CR': 'user1%0dx',
  'a bare LF': 'user1%0ax',
  'a line break that was encoded twice': 'user1%250d%250aVia:x',
  NUL: 'user1%00',
  'angle brackets and quotes': 'user1%3C%3E%22',
  'a space': 'user%201',
  '10 kB': long,
  'two @': 'user1@example.com@example.org',
  'nothing after the @': 'user1@',
  'nothing before the @': '@example.com',
  'a host with a dollar sign': 'user1@exa$mple.com',
  'a host with a line break': 'user1@example.com%0d%0aVia:x',
  'a number for a host': 'user1@2130706499',
  'half an address for a host': 'user1@127.1',
  'a password': 'user1:secret',
  'letters beyond ASCII': 'us%C3%A9r',
  'bytes that are no UTF-8': 'user%FF',
};

const badSeconds = ['-1', '1e9', '1000000000', 'abc', '1.5', '', '0x10', '%205', 'NaN', '5%00'];
const controls: Readonly<Record<string, string>> = { 'a line break': 'x%0d%0aVia:y', NUL: 'x%00', '10 kB': long };
const parameters: Readonly<Record<string, string>> = {
  sipMethod: 'Refer',
  action: 'Call',
  target: 'user3',
  timeout: '5',
  agent: 'user1',
  subject: 'x',
  isForwardingAllowed: 'True',
  resultCacheTime: '5',
  confpin: '1234',
};

const badRequests: readonly BadRequest[] = [
  ...Object.entries(badUsers).flatMap(([what, user]) => [
    { title: `${what} in the calling user`, status: 400, path: `/callcontroller/${user}/user2` },
    { title: `${what} in the called user`, status: 400, path: `/callcontroller/user1/${user}` },
    { title: `${what} in the target`, status: 400, path: `${call}?action=Transfer&target=${user}` },
  ]),
  ...Object.entries(controls).flatMap(([what, value]) =>
    ['agent', 'subject', 'confpin'].map((name) => ({
      title: `${what} in ${name}`,
      status: 400,
      path: `${call}?${name}=${value}`,
    })),
  ),
  { title: 'angle brackets and quotes in agent', status: 400, path: `${call}?agent=user1%3C%3E%22` },
  { title: 'angle brackets and quotes in confpin', status: 400, path: `${call}?confpin=1%3C%3E%22` },
  { title: 'a further header in confpin', status: 400, path: `${call}?confpin=1%26Subject=x` },
  { title: 'an escape character in subject', status: 400, path: `${call}?subject=a%1bb` },

  ...badSeconds.flatMap((value) =>
    ['timeout', 'resultCacheTime'].map((name) => ({
      title: `${name}=${value}`,
      status: 400,
      path: `${call}?${name}=${value}`,
    })),
  ),
  ...Object.entries(parameters).map(([name, value]) => ({
    title: `${name} twice`,
    status: 400,
    path: `${call}?${name}=${value}&${name}=${value}`,
  })),
  { title: 'isForwardingAllowed=maybe', status: 400, path: `${call}?isForwardingAllowed=maybe` },
  { title: 'action=Foo', status: 400, path: `${call}?action=Foo` },
  { title: 'a transfer without a target', status: 400, path: `${call}?action=Transfer` },
  {
    title: 'a transfer of no call',
    status: 406,
    path: `${call}?action=Transfer&target=user3`,
    errorText: 'Call not found',
  },
  {
    title: 'an unknown method',
    status: 406,
    path: `${call}?sipMethod=Foo`,
    errorText: 'Call Setup Method Foo not supported',
  },

  { title: 'an agent whom nobody knows', status: 403, path: `${call}?agent=stranger` },
  { title: 'an agent without credentials', status: 403, path: `${call}?agent=user4` },
  { title: 'a calling user whom nobody knows, and no agent', status: 403, path: '/callcontroller/stranger/user2' },
  { title: 'a calling user without credentials, and no agent', status: 403, path: '/callcontroller/user4/user2' },

  { title: 'a lone percent sign in the path', status: 400, path: '/callcontroller/user1%/user2' },
  { title: 'a percent sign and no digits in the path', status: 400, path: '/callcontroller/user1%zz/user2' },
  { title: 'half an escape in the path', status: 400, path: '/callcontroller/user1/user2%0' },
  { title: 'a percent sign and no digits in the query', status: 400, path: `${call}?subject=%zz` },

  ...['PUT', 'DELETE', 'PATCH', 'OPTIONS'].map((method) => ({ title: method, status: 405, method, path: call })),
  { title: 'an empty calling user', status: 404, path: '/callcontroller//user2' },
  { title: 'no called user', status: 404, path: '/callcontroller/user1' },
  { title: 'a third user', status: 404, path: '/callcontroller/user1/user2/user3' },
  { title: 'an unknown path', status: 404, path: '/nowhere' },
  { title: 'GET of an unknown path', status: 404, method: 'GET', path: '/callcontrollers/user1/user2' },

  ...['a line break', 'NUL', 'angle brackets and quotes', 'two @', '10 kB'].map((what) => ({
    title: `GET with ${what} in the calling user`,
    status: 400,
    method: 'GET',
    path: `/callcontroller/${badUsers[what]}/user2`,
  })),
  { title: 'GET with a line break in agent', status: 400, method: 'GET', path: `${call}?agent=user1%0d%0ax` },
  { title: 'GET with agent twice', status: 400, method: 'GET', path: `${call}?agent=user1&agent=user3` },
  { title: 'GET with a lone percent sign', status: 400, method: 'GET', path: '/callcontroller/user1%/user2' },
];

describe('Bad input is refused before anything goes to a telephone', function () {
  let proxy: SipSocket;
  let container: Container;

  before(async () => {
    proxy = await openSipSocket('486 Busy Here');
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${proxy.port};lr` });
  });

  after(async () => {
    await proxy?.close();
    await container?.stop();
  });

  for (const { title, status, method = 'POST', path, errorText } of badRequests) {
    it(`${status} for ${title}`, async () => {
      const reply = await send(container, method, path);
      expect(reply.status).to.equal(status);
      expect(reply.contentType).to.equal('text/xml; charset=utf-8');
      const [, code, error] = errorDocument.exec(reply.body) ?? [];
      expect(code, reply.body).to.equal(String(status));
      expect(error)
        .to.equal(errorText ?? error)
        .and.not.equal('');
      if (status === 405) expect(reply.allow).to.equal('GET, POST');
      expect(proxy.messages.filter((message) => !isOfGoodCall(message))).to.be.empty;
    });
  }

  it('the same socket sees the INVITE of a good request, and has seen nothing else', async () => {
    const reply = await send(container, 'POST', `${call}?subject=${proof}`);
    expect(reply.status).to.equal(200);
    expect(await proxy.waitFor(isOfGoodCall, 5000)).to.match(/^INVITE /);
    expect(proxy.messages.filter((message) => !isOfGoodCall(message))).to.be.empty;
  });
});

const proof = 'a-good-call';
/** The ACK of the refused INVITE has no Subject. */
const isOfGoodCall = (message: string): boolean => message.includes(proof) || message.startsWith('ACK ');

const errorDocument = new RegExp(
  [
    '^<\\?xml version="1\\.0" encoding="UTF-8"\\?>',
    '<processing-status xmlns="http://www\\.sipfoundry\\.org/sipX/schema/xml/call-status-00-00">',
    '<error-flag>ERROR</error-flag>',
    '<error-code>(\\d+)</error-code>',
    '<error-text>([^<>]*)</error-text>',
    '</processing-status>\\s*$',
  ].join('\\s*'),
);

interface Reply {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly allow: string | undefined;
  readonly body: string;
}

/** Sends the path byte by byte as it is given: fetch would tidy it up. */
async function send({ httpPort }: Container, method: string, path: string): Promise<Reply> {
  const outgoing = request({ host: '127.0.0.1', port: httpPort, method, path }).end();
  const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(outgoing, 'response'));
  const { statusCode = 0, headers } = response;
  return { status: statusCode, contentType: headers['content-type'], allow: headers.allow, body: await text(response) };
}
