import { expect } from 'chai';
import { type Container, startContainer } from '../support/container.js';
import { requirePeers } from '../support/peers/programs.js';
import { callOf } from '../support/sipp/refer-call.js';
import { startSipp } from '../support/sipp/sipp.js';

describe('The SIP metrics of a call', function () {
  this.timeout(20_000);

  before(function () {
    requirePeers(this, 'sipp');
  });

  it('are the messages that the phone has seen', async () => {
    const phone = await startSipp({ scenario: 'challenged' });
    let container: Container | undefined;
    try {
      container = await startContainer({ sipProxy: `sip:127.0.0.1:${phone.port};lr` });
      const call = callOf(container, 'user1', 'user2', '');
      await call.place();
      await phone.finished;
      const text = await (await container.get('/metrics')).text();
      const counts = text.split('\n').filter((line) => /^sipxrest_sip_(?:requests|responses)_total\{/.test(line));
      expect(counts).to.have.members([
        'sipxrest_sip_requests_total{direction="sent",method="INVITE"} 2',
        'sipxrest_sip_requests_total{direction="sent",method="ACK"} 2',
        'sipxrest_sip_requests_total{direction="sent",method="REFER"} 1',
        'sipxrest_sip_requests_total{direction="sent",method="BYE"} 1',
        'sipxrest_sip_requests_total{direction="received",method="NOTIFY"} 1',
        'sipxrest_sip_responses_total{direction="sent",method="NOTIFY",class="2xx"} 1',
        'sipxrest_sip_responses_total{direction="received",method="INVITE",class="1xx"} 2',
        'sipxrest_sip_responses_total{direction="received",method="INVITE",class="4xx"} 1',
        'sipxrest_sip_responses_total{direction="received",method="INVITE",class="2xx"} 1',
        'sipxrest_sip_responses_total{direction="received",method="REFER",class="2xx"} 1',
        'sipxrest_sip_responses_total{direction="received",method="BYE",class="2xx"} 1',
      ]);
    } finally {
      await phone.stop();
      await container?.stop();
    }
  });
});
