import { expect } from 'chai';
import { parseUri } from '../../../../container/sip/message/parser/index.js';
import { Listener, Rig, SDP, type Talk, takeCalls } from '../rig.js';

const intrusions = ['a\r\nVia: x', 'a\nVia: x', 'a\rb', 'a\0b', 'a\u007fb'];

describe('Nothing can be smuggled into a SIP message', () => {
  let rig: Rig;
  let talk: Talk;

  before(async () => {
    rig = await Rig.open();
    talk = await rig.talk();
  });

  after(async () => rig.close());

  for (const text of intrusions) {
    const shown = JSON.stringify(text);

    it(`by ${shown} in a header, a header name, a method, a body's type or a reason`, async () => {
      const { leg } = talk;
      expect(() => rig.invite(new Listener(), { headers: [['Subject', text]] })).to.throw(TypeError);
      expect(() => leg.send('INFO', { headers: [[text, 'x']] })).to.throw(TypeError);
      expect(() => leg.send('INFO', { headers: [['X', text]] })).to.throw(TypeError);
      expect(() => leg.send('INFO', { body: { contentType: text, content: '' } })).to.throw(TypeError);
      expect(() => leg.send(text)).to.throw(TypeError);
      expect(() => leg.bye({ headers: [['Reason', text]] })).to.throw(TypeError);
      const refused = new Listener();
      rig.ask(talk, 'INFO', talk.cseq + intrusions.indexOf(text));
      await talk.listener.hears('INFO', intrusions.indexOf(text) + 1);
      const request = talk.listener.requests.at(-1);
      expect(() => request?.reply(200, { reason: text })).to.throw(TypeError);
      expect(() => request?.reply(200, { headers: [['X', text]] })).to.throw(TypeError);
      request?.reply(200);
      expect(refused.heard).to.deep.equal([]);
    });

    it(`by ${shown} in a URI or a SIP user name`, () => {
      const uri = `sip:${text}@example.com`;
      expect(() => rig.invite(new Listener(), { uri })).to.throw();
      expect(() => rig.invite(new Listener(), { to: uri })).to.throw();
      expect(() => rig.invite(new Listener(), { from: { uri } })).to.throw();
      expect(() => rig.invite(new Listener(), { credentials: { userName: text, password: '' } })).to.throw(TypeError);
    });
  }

  it('by a display name: line breaks become spaces, quotes and backslashes are escaped', async () => {
    const displayName = 'O"Neil \\ <sip:evil@x>\r\nVia: x\0';
    rig.invite(new Listener(), { from: { uri: 'sip:agent@example.com', displayName } });
    const invite = await rig.peer.take('INVITE');
    expect(invite.header('From')).to.match(
      /^"O\\"Neil \\\\ <sip:evil@x> {2}Via: x " <sip:agent@example\.com>;tag=\w+$/,
    );
    expect(invite.headers('Via')).to.have.length(1);
    rig.peer.reply(invite, 486);
  });

  it('by an answer that cannot be sent: the call can still be answered', async () => {
    const taken = takeCalls(rig.sip);
    rig.call();
    const { leg } = await taken();
    expect(() => leg.accept(SDP, { headers: [['X', 'a\r\nb']] })).to.throw(TypeError);
    expect(() => leg.reject(486, { reason: 'a\r\nb' })).to.throw(TypeError);
    leg.accept(SDP);
    await rig.peer.take('200 INVITE');
  });
});

describe('A SIP user part of unusual characters', () => {
  let rig: Rig;

  before(async () => {
    rig = await Rig.open();
  });

  after(async () => rig.close());

  const users = [
    'a;b',
    'a?b',
    'a&b',
    'a=b',
    '+1555',
    'a$b',
    'a,b',
    'a/b',
    "a'b",
    'a*b',
    'a!b(c)',
    '-_.~',
    'a%3Bb',
    'a%25b',
    '*72;ext=1&x=$,/?',
  ];

  for (const user of users) {
    it(`arrives as it was given: ${user}`, async () => {
      const uri = `sip:${user}@example.com`;
      const credentials = { userName: 'agent', password: 'x' };
      const listener = new Listener();
      const leg = rig.invite(listener, { uri, to: uri, from: { uri }, credentials });
      const first = await rig.peer.take('INVITE');
      expect(first.startLine).to.equal(`INVITE ${uri} SIP/2.0`);
      expect(first.header('To')).to.equal(`<${uri}>`);
      expect(first.header('From')).to.include(`<${uri}>`);
      expect(parseUri(uri).user).to.equal(decodeURIComponent(user));
      rig.peer.reply(first, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="1"'] });
      const second = await rig.peer.take('INVITE');
      expect(second.header('Proxy-Authorization')).to.include(`uri="${uri}"`);
      const contact = `<sip:${user}@127.0.0.1:${rig.peer.port}>`;
      rig.peer.reply(second, 200, { contact });
      await listener.hears('200 final');
      leg.ack();
      leg.send('REFER', { headers: [['Refer-To', `<${uri}>`]] });
      const refer = await rig.peer.take('REFER');
      expect(refer.startLine).to.equal(`REFER ${contact.slice(1, -1)} SIP/2.0`);
      expect(refer.header('Refer-To')).to.equal(`<${uri}>`);
      expect(refer.header('To')).to.equal(`<${uri}>;tag=peer`);
      rig.peer.reply(refer, 407, { headers: ['Proxy-Authenticate: Digest realm="example.com", nonce="2"'] });
      const again = await rig.peer.take('REFER');
      expect(again.header('Proxy-Authorization')).to.include(`uri="${contact.slice(1, -1)}"`);
      rig.peer.reply(again, 603);
    });
  }

  it('comes back to the Contact that it was given in', async () => {
    const contactUser = 'a;b?c&d=e+f$g,h/i';
    const listener = new Listener();
    const leg = rig.invite(listener, { contactUser });
    const invite = await rig.peer.take('INVITE');
    const contact = invite.header('Contact').slice(1, -1);
    expect(parseUri(contact).user).to.equal(contactUser);
    rig.peer.reply(invite, 200);
    await listener.hears('200 final');
    leg.ack();
    rig.ask({ invite }, 'BYE', 1);
    await rig.peer.take('200 BYE');
  });
});
