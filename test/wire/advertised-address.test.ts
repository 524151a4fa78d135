import { expect } from 'chai';
import { startContainer } from '../support/container.js';
import { openSipSocket } from '../support/sip-socket.js';

describe('A container with an advertised address', function () {
  this.timeout(20_000);

  it('has that address in Via, Contact, Call-ID and SDP, and is bound to all addresses', async () => {
    const proxy = await openSipSocket();
    const container = await startContainer({
      ipAddress: '0.0.0.0',
      advertisedAddress: '198.51.100.7',
      sipProxy: `sip:127.0.0.1:${proxy.port};lr`,
      sipT1Ms: 10,
    });
    try {
      await container.post('/callcontroller/user1/user2');
      const invite = await proxy.waitFor((message) => message.startsWith('INVITE '), 5_000);
      expect(invite).to.match(new RegExp(`^Via: SIP/2.0/UDP 198\\.51\\.100\\.7:${container.sipPort};`, 'm'));
      expect(invite).to.match(
        new RegExp(`^Contact: <sip:callcontroller@198\\.51\\.100\\.7:${container.sipPort}>`, 'm'),
      );
      expect(invite).to.match(/^o=.* IN IP4 198\.51\.100\.7\r$/m);
      expect(invite).not.to.match(/^(?!c=).*\b0\.0\.0\.0\b/m);
      expect(invite).not.to.include('127.0.0.1:' + container.sipPort);
    } finally {
      await container.stop();
      await proxy.close();
    }
  });
});
