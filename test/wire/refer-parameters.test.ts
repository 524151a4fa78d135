import { expect } from 'chai';
import { type Container, startContainer, usersOf } from '../support/container.js';
import { openSipSocket, type SipSocket } from '../support/sip-socket.js';

interface Example {
  readonly title: string;
  /** Path and query after `/callcontroller/`. */
  readonly request: string;
  /** What the INVITE looks like, line by line. */
  readonly lines: readonly (string | RegExp)[];
  readonly absent?: RegExp;
}

const parameters = ';sipx-noroute=Voicemail;sipxbridge-moh=false';

const examples: readonly Example[] = [
  {
    title: 'calls the calling user, who is not forwarded, in the name of this user',
    request: 'user1/user2',
    lines: [
      `INVITE sip:user1@example.com${parameters};sipx-userforward=false SIP/2.0`,
      /^From: "User One" <sip:user1@example\.com>;tag=\S+$/,
      'To: <sip:user1@example.com>',
      'Accept: application/sdp',
      /^Allow: .*\bNOTIFY\b/,
      /^Max-Forwards: 70$/,
      /^CSeq: \d+ INVITE$/,
      'Content-Type: application/sdp',
      /^m=audio [1-9]\d* RTP\/AVP /,
      'a=sendonly',
    ],
    absent: /^Subject:/m,
  },
  {
    title: 'calls in the name of the agent',
    request: 'user1/user2?agent=user3',
    lines: [/^From: "User Three" <sip:user3@example\.com>;tag=\S+$/, 'To: <sip:user1@example.com>'],
  },
  {
    title: 'finds the agent and the calling user by an alias',
    request: '201/user2?agent=202',
    lines: [/^From: "User Two" <sip:user2@example\.com>;tag=\S+$/, 'To: <sip:user1@example.com>'],
  },
  {
    title: 'calls a telephone number',
    request: '933013402561/user2?agent=user1',
    lines: ['To: <sip:933013402561@example.com>'],
  },
  {
    title: 'calls a telephone number with a plus sign',
    request: '+15551234/user2?agent=user1',
    lines: ['To: <sip:+15551234@example.com>'],
  },
  {
    title: 'calls a user of another domain',
    request: 'someone@example.org/user2?agent=user1',
    lines: [/^INVITE sip:someone@example\.org;/, 'To: <sip:someone@example.org>'],
  },
  {
    title: 'tells what the call is about',
    request: 'user1/user2?subject=Caf%C3%A9%20%3Cat%205%3E',
    lines: ['Subject: Café <at 5>'],
  },
  {
    title: 'leaves out the ban on forwarding when it is allowed, in any case of the word',
    request: 'user1/user2?isForwardingAllowed=tRUE',
    lines: [`INVITE sip:user1@example.com${parameters} SIP/2.0`],
  },
  {
    title: 'takes the words of enumerations in any case',
    request: 'user1/user2?sipMethod=REFER&action=cALL&isForwardingAllowed=FALSE',
    lines: [`INVITE sip:user1@example.com${parameters};sipx-userforward=false SIP/2.0`],
  },
  {
    title: 'passes over a parameter that it does not know',
    request: 'user1/user2?colour=red',
    lines: ['To: <sip:user1@example.com>'],
  },
];

describe('The first INVITE follows the parameters of the POST', () => {
  let proxy: SipSocket;
  let container: Container;

  before(async () => {
    proxy = await openSipSocket('486 Busy Here');
    const users = usersOf('example.com').map((user, index) => ({ ...user, aliases: [`20${index + 1}`] }));
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${proxy.port};lr`, users });
  });

  after(async () => {
    await container?.stop();
    await proxy?.close();
  });

  for (const { title, request, lines, absent } of examples) {
    it(title, async () => {
      const earlier = [...proxy.messages];
      const response = await container.post(`/callcontroller/${request}`);
      expect(response.status, await response.text()).to.equal(200);
      const invite = await proxy.waitFor(
        (message) => message.startsWith('INVITE ') && !earlier.includes(message),
        5000,
      );
      const sent = invite.split('\r\n');
      const always = [
        `Route: <sip:127.0.0.1:${proxy.port};lr>`,
        `Contact: <sip:callcontroller@127.0.0.1:${container.sipPort}>`,
      ];
      expect(sent).to.include.members([...always, ...lines.filter((line) => typeof line === 'string')]);
      for (const line of lines.filter((pattern) => pattern instanceof RegExp)) {
        expect(
          sent.filter((text) => line.test(text)),
          String(line),
        ).to.have.lengthOf(1);
      }
      if (absent) expect(invite).to.not.match(absent);
    });
  }
});
