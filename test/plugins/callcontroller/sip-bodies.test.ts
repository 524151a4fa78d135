import { expect } from 'chai';
import { LegSession } from '../../../plugins/callcontroller/sdp.js';
import { parseSipfrag } from '../../../plugins/callcontroller/refer/sipfrag.js';

function lines(content: string): string[] {
  return content.split('\r\n');
}

describe('session description of the controller', () => {
  it('offers one inactive audio line', () => {
    const { contentType, content } = new LegSession('10.1.2.3').offerSilence();
    expect(contentType).to.equal('application/sdp');
    expect(lines(content).filter((line) => line.startsWith('m='))).to.deep.equal(['m=audio 9 RTP/AVP 0 8']);
    expect(lines(content)).to.include.members(['v=0', 'c=IN IP4 10.1.2.3', 'a=inactive']);
    expect(content.endsWith('\r\n')).to.equal(true);
  });

  it('uses IPv6 if the container does', () => {
    expect(lines(new LegSession('::1').offerSilence().content)).to.include('c=IN IP6 ::1');
  });

  it('keeps its session id and raises its version by one each time', () => {
    const session = new LegSession('127.0.0.1');
    const origins = [session.offerSilence(), session.offerSilence()].map(
      ({ content }) => lines(content)[1]?.split(' ') ?? [],
    );
    expect(origins[0]?.[1]).to.equal(origins[1]?.[1]);
    expect(origins.map((origin) => origin[2])).to.deep.equal(['1', '2']);
  });

  it('answers a telephone with as many lines as it offers, audio inactive and the rest declined', () => {
    const offer =
      'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=sendonly\r\nm=video 4002 RTP/AVP 96\r\n';
    const { content } = new LegSession('127.0.0.1').answerSilence(offer);
    expect(lines(content).slice(5, 8)).to.deep.equal(['m=audio 9 RTP/AVP 0', 'a=inactive', 'm=video 0 RTP/AVP 96']);
  });

  it('carries the lines of a description, and none that could be a command to another kind of server', () => {
    const description =
      'v=0\r\no=- 7 7 IN IP4 1.2.3.4\r\ns=-\r\nSET pwned 1\r\na=x\rSAVE\r\n GET / HTTP/1.1\r\n\r\nm=audio 4000 RTP/AVP 0\n';
    const [, ...carried] = new LegSession('127.0.0.1').carry(description).content.split(/[\r\n]+/);
    expect(carried.slice(1)).to.deep.equal(['s=-', 'a=x', 'm=audio 4000 RTP/AVP 0', '']);
  });
});

describe('sipfrag of a NOTIFY', () => {
  for (const [body, expected] of [
    ['SIP/2.0 100 Trying\r\n', { status: 100, statusLine: 'SIP/2.0 100 Trying' }],
    ['SIP/2.0 486 Busy Here', { status: 486, statusLine: 'SIP/2.0 486 Busy Here' }],
    ['SIP/2.0 200 OK\r\nTo: <sip:user2@example.com>\r\n', { status: 200, statusLine: 'SIP/2.0 200 OK' }],
    ['SIP/2.0 603', { status: 603, statusLine: 'SIP/2.0 603' }],
    ['SIP/2.0 200 Ça va\n', { status: 200, statusLine: 'SIP/2.0 200 Ça va' }],
    ['sip/2.0 486 busy here\r\n', { status: 486, statusLine: 'SIP/2.0 486 busy here' }],
    ['\r\n \r\nSIP/2.0 486 Busy Here\r\n', { status: 486, statusLine: 'SIP/2.0 486 Busy Here' }],
    ['SIP/2.0  486 \t Busy\t  Here \r\n', { status: 486, statusLine: 'SIP/2.0 486 Busy Here' }],
    ['SIP/2.0\r\n486 Busy', undefined],
    ['', undefined],
    ['hello', undefined],
    ['SIP/2.0 999 Huh', undefined],
    ['SIP/3.0 200 OK', undefined],
    ['SIP/2.0 200 \u0007bell', undefined],
    [`SIP/2.0 200 ${'x'.repeat(500)}`, undefined],
  ] as const) {
    it(`is ${expected ? `read as ${expected.status}` : 'left unread'} in ${JSON.stringify(body.slice(0, 30))}`, () => {
      expect(parseSipfrag({ contentType: 'message/sipfrag;version=2.0', content: body })).to.deep.equal(expected);
    });
  }

  it('is read out of a multipart body, and of one of another type', () => {
    const sipfrag = 'SIP/2.0 486 Busy Here\r\n';
    const parts = `--b1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b1\r\nContent-Type: message/sipfrag;version=2.0\r\n\r\n${sipfrag}--b1--\r\n`;
    for (const [contentType, content] of [
      ['multipart/mixed;boundary=b1', parts],
      ['text/plain', sipfrag],
    ] as const)
      expect(parseSipfrag({ contentType, content })?.statusLine).to.equal('SIP/2.0 486 Busy Here');
    expect(parseSipfrag(undefined)).to.equal(undefined);
  });
});
