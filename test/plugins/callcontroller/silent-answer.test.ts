import { expect } from 'chai';
import { silentAnswer } from '../../../plugins/callcontroller/silent-answer.js';

const SESSION = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n';
const KEY = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj';

/** The lines of the answer to these. */
function answer(media: readonly string[], session = SESSION): string[] {
  return silentAnswer(`${session}${media.map((line) => `${line}\r\n`).join('')}`, 'sendonly')
    .split('\r\n')
    .slice(0, -1);
}

describe('An answer without media', () => {
  it('names the codec of each dynamic payload type, with its parameters', () => {
    const offer = [
      'm=audio 6000 RTP/AVP 96 0 101',
      'a=rtpmap:96 opus/48000/2',
      'a=rtpmap:101 telephone-event/8000',
      'a=fmtp:101 0-15',
    ];
    expect(answer([...offer, 'a=ptime:20'])).to.deep.equal([
      'm=audio 9 RTP/AVP 96 0 101',
      ...offer.slice(1),
      'a=sendonly',
    ]);
  });

  it('leaves out a dynamic payload type that the offer does not explain, and declines a line of nothing else', () => {
    expect(answer(['m=audio 6000 RTP/AVP 0 97'])[0]).to.equal('m=audio 9 RTP/AVP 0');
    expect(answer(['m=audio 6000 RTP/AVP 97'])).to.deep.equal(['m=audio 0 RTP/AVP 97']);
  });

  for (const [direction, expected] of [
    ['sendrecv', 'sendonly'],
    ['recvonly', 'sendonly'],
    ['sendonly', 'inactive'],
    ['inactive', 'inactive'],
  ] as const) {
    it(`is ${expected} if the telephone is ${direction}, in its line or in its session`, () => {
      const line = 'm=audio 6000 RTP/AVP 0';
      expect(answer([line, `a=${direction}`]).at(-1)).to.equal(`a=${expected}`);
      expect(answer([line], `${SESSION}a=${direction}\r\n`).at(-1)).to.equal(`a=${expected}`);
    });
  }

  it('has a key of the same suite if the offer has one', () => {
    const [line, rtpmap, key] = answer([
      'm=audio 6000 RTP/SAVP 8',
      'a=rtpmap:8 PCMA/8000',
      'a=crypto:1 UNHEARD_OF inline:AAAA',
      `a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4`,
    ]);
    expect([line, rtpmap]).to.deep.equal(['m=audio 9 RTP/SAVP 8', 'a=rtpmap:8 PCMA/8000']);
    const own = /^a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:(\S+)$/.exec(key ?? '')?.[1] ?? '';
    expect(Buffer.from(own, 'base64')).to.have.lengthOf(30);
    expect(own).not.to.equal(KEY);
  });

  for (const line of [
    'm=audio 6000 RTP/SAVP 0',
    'm=audio 6000 RTP/SAVPF 0',
    'm=audio 6000 UDP/TLS/RTP/SAVPF 0',
    'm=audio 6000 UDP/TLS/RTP/SAVP 0',
    'm=audio 6000/2 RTP/AVP 0',
    'm=audio 6000 RTP/XYZ 0',
    'm=video 6000 RTP/AVP 31',
    'm=x-data 6000 RTP/AVP 99',
    'm=application 6000 UDP/DTLS/SCTP webrtc-datachannel',
    'm=audio 0 RTP/AVP 0',
    'm=image 6000 udptl t38',
  ]) {
    it(`declines ${line} by the same line with port 0`, () => {
      expect(answer([line, 'a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'])).to.deep.equal([
        line.replace(/ \d\S*/, ' 0'),
      ]);
    });
  }

  it('keeps the order and the number of the lines', () => {
    const lines = answer([
      'm=video 1 RTP/AVP 31',
      'm=audio 2 RTP/AVP 0',
      'm=audio 3/2 RTP/AVP 0',
      'm=text 4 RTP/AVP 98',
    ]);
    expect(lines.filter((line) => line.startsWith('m='))).to.deep.equal([
      'm=video 0 RTP/AVP 31',
      'm=audio 9 RTP/AVP 0',
      'm=audio 0 RTP/AVP 0',
      'm=text 0 RTP/AVP 98',
    ]);
  });
});
