import { expect } from 'chai';
import { descriptionIn } from '../../../plugins/callcontroller/session-description.js';

const SDP = 'v=0\r\ns=-\r\n';
const multipart = (type: string): string =>
  `preamble\r\n--b1\r\nContent-Type: application/isup\r\n\r\n1234\r\n--b1\r\ncontent-type: ${type}\r\nContent-Disposition: session\r\n\r\n${SDP}\r\n--b1--\r\n`;

describe('The session description of a body', () => {
  for (const [what, contentType, content, expected] of [
    ['is the body', 'application/sdp', SDP, SDP],
    ['is the body of a type with parameters', 'Application/SDP ; charset=utf-8', SDP, SDP],
    ['is a part of it', 'multipart/mixed;boundary=b1', multipart('application/sdp'), SDP],
    [
      'is a part of it, whose boundary is quoted',
      'multipart/mixed; type="x"; boundary="b1"',
      multipart('application/sdp'),
      SDP,
    ],
    ['is in no part of it', 'multipart/mixed;boundary=b1', multipart('text/plain'), undefined],
    ['is not found where nothing tells the boundary', 'multipart/mixed', multipart('application/sdp'), undefined],
    [
      'is a part of it, whose boundary the first line tells',
      'multipart/mixed',
      multipart('application/sdp').replace('preamble\r\n', ''),
      SDP,
    ],
    [
      'is a part of it, with lines that end in LF',
      'multipart/mixed;boundary=b1',
      multipart('application/sdp').replaceAll('\r\n', '\n'),
      SDP.replace('\r\n', '\n'),
    ],
    [
      'is a part of it, with a folded header field',
      'multipart/mixed;boundary=b1',
      multipart('\r\n application/sdp'),
      SDP,
    ],
    [
      'is a part of a part of it',
      'multipart/mixed; boundary=outer',
      `--outer\r\nContent-Type: multipart/alternative;boundary=b1\r\n\r\n${multipart('application/sdp')}\r\n--outer--\r\n`,
      SDP,
    ],
    ['is no other type', 'application/sdpfrag', SDP, undefined],
  ] as const) {
    it(what, () => expect(descriptionIn({ contentType, content })).to.equal(expected));
  }

  it('is not looked for in parts without end', () => {
    const content = `${'--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n'.repeat(20)}--b1\r\nContent-Type: application/sdp\r\n\r\n${SDP}--b1--`;
    expect(descriptionIn({ contentType: 'multipart/mixed;boundary=b1', content })).to.equal(undefined);
  });
});
