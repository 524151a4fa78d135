import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { type Received, SipPeer } from '../support/sip-peer.js';

const description = (port: number): string =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`;

const multipart = {
  headers: ['Content-Type: multipart/mixed;boundary=here'],
  body: `--here\r\nContent-Type: application/isup\r\n\r\nnothing\r\n--here\r\nContent-Type: application/sdp\r\n\r\n${description(5000)}\r\n--here--\r\n`,
};

const callId = (message: Received): string => message.header('Call-ID');

describe('A called phone that refuses an INVITE without an offer', () => {
  let phones: SipPeer;
  let container: Container;

  before(async () => {
    phones = await SipPeer.open();
    container = await startContainer({ sipProxy: `sip:127.0.0.1:${phones.port};lr`, sipT1Ms: 50 });
  });

  after(async () => {
    await container?.stop();
    await phones?.close();
  });

  for (const sipMethod of ['Invite', 'Auto']) {
    it(`is connected with the offer of the calling phone, which gets its answer, also out of a multipart body (${sipMethod})`, async () => {
      expect((await container.post(`/callcontroller/user1/user2?sipMethod=${sipMethod}`)).status).to.equal(200);
      const calling = await phones.take('INVITE');
      phones.reply(calling, 200, { body: description(4000) });
      await phones.take('ACK');
      if (sipMethod === 'Auto') phones.reply(await phones.take('REFER'), 603);
      const withoutOffer = await phones.take('INVITE');
      expect([callId(withoutOffer) === callId(calling), withoutOffer.body]).to.deep.equal([false, '']);
      phones.reply(withoutOffer, 488);
      await phones.take('ACK');
      const asked = await phones.take('INVITE');
      expect([callId(asked) === callId(calling), asked.body]).to.deep.equal([true, '']);
      phones.reply(asked, 200, { body: description(4002) });
      const withOffer = await phones.take('INVITE');
      expect(callId(withOffer)).to.equal(callId(withoutOffer));
      expect(withOffer.body).to.contain('m=audio 4002 RTP/AVP 0');
      phones.reply(withOffer, 180);
      phones.reply(withOffer, 200, multipart);
      const acks = [await phones.take('ACK'), await phones.take('ACK')];
      const toCalling = acks.find((ack) => callId(ack) === callId(calling));
      expect(toCalling?.body).to.contain('m=audio 5000 RTP/AVP 0');
      expect((await container.post('/callcontroller/user1/user2?action=Hangup')).status).to.equal(200);
      phones.reply(await phones.take('BYE'), 200);
      phones.reply(await phones.take('BYE'), 200);
    });
  }
});
