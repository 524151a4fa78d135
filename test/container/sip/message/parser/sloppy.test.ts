import { expect } from 'chai';
import { parseMessage } from '../../../../../container/sip/message/parser/index.js';
import { request } from '../../../../fixtures/sip/messages.js';
import { SLOPPY } from '../../../../fixtures/sip/sloppy.js';

describe('parseMessage, given what devices send off the grammar', () => {
  it('is given 40 messages or more', () => {
    expect(SLOPPY.length).to.be.at.least(40);
  });

  for (const { title, text, reads = {} } of SLOPPY) {
    it(`reads the message of ${title}`, () => {
      const message = parseMessage(Buffer.from(text));
      expect(message.fromTag).to.equal('1928301774');
      if (/^(?:BYE|NOTIFY|SIP)/.test(text)) expect(message.toTag).to.equal('8a7b6c');
      expect(message.cseq).to.equal(314159);
      for (const [name, value] of Object.entries(reads)) {
        const read: unknown = name === 'body' ? message.body : (message.parseHeader(name) ?? message.getHeader(name));
        expect(String(read), name).to.equal(value);
      }
    });

    it(`keeps nothing of the message of ${title} that could start another line`, () => {
      const message = parseMessage(Buffer.from(text));
      const kept = message.headerNames.flatMap((name) => message.getHeaders(name));
      expect(kept.filter((value) => /[\r\n\0]/.test(value))).to.deep.equal([]);
    });
  }

  for (const [uri, shown] of [
    ['sip:*#72@h', 'sip:*#72@h'],
    ['sip:@h', 'sip:h'],
    ['sip:user%4@h', 'sip:user%4@h'],
    ['sip:user%zz%FF@h', 'sip:user%zz%FF@h'],
    ['sip:jürgen@h', 'sip:jürgen@h'],
    ['sip:a@h;', 'sip:a@h'],
    ['sip:a@h;transport=;lr=on', 'sip:a@h;transport;lr'],
    ['sip:a@h;transport=udp;transport=tcp', 'sip:a@h;transport=udp'],
    ['sip:a@h;__proto__=b;c', 'sip:a@h;c'],
    ['sip:a@h?Subject', 'sip:a@h?Subject='],
    ['sip:a@h.12', 'sip:a@h.12'],
  ] as const) {
    it(`reads the Request-URI ${uri}`, () => {
      const message = parseMessage(Buffer.from(request({ uri })));
      expect('ruri' in message && message.ruri?.toRaw()).to.equal(shown);
    });
  }

  it('finds no target in a Contact that would break the request line or a quoted string', () => {
    for (const uri of [
      'sip:a b@c',
      'sip:a"b@c',
      'sip:a\\b@c',
      'sip:a<b@c',
      'sip:a@b c',
      'sip:a@b:0',
      'sip:a@b;x="y"',
    ]) {
      const message = parseMessage(Buffer.from(request({ headers: { Contact: `<${uri}>` } })));
      expect(message.parseHeader('Contact'), uri).to.equal(undefined);
    }
  });
});
