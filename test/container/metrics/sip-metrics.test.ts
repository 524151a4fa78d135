import { expect } from 'chai';
import { MetricsRegistry } from '../../../container/metrics/registry.js';
import { SipMetrics } from '../../../container/metrics/sip-metrics.js';
import { RecordingLog } from '../accounts/recording-log.js';

const target = { transport: 'UDP', address: '127.0.0.1', port: 5060 } as const;
const ok = 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1\r\nCSeq: 7 NOTIFY\r\nContent-Length: 0\r\n\r\n';

describe('The SIP metrics', () => {
  let metrics: MetricsRegistry;
  let sip: SipMetrics;

  beforeEach(() => {
    metrics = new MetricsRegistry(new RecordingLog());
    sip = new SipMetrics(metrics);
  });

  it('count messages by direction, method and class, and those that were sent again', async () => {
    sip.onSent('INVITE sip:user1@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n', target, false);
    sip.onSent('INVITE sip:user1@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n', target, true);
    sip.onSent(ok, target, false);
    sip.onReceived({ method: 'INVITE', status: 486, callId: 'a' });
    sip.onReceived({ method: 'BYE', status: undefined, callId: 'a' });
    sip.onDropped('strayAck');
    const text = await metrics.text();
    expect(text).to.include('sipxrest_sip_requests_total{direction="sent",method="INVITE"} 2\n');
    expect(text).to.include('sipxrest_sip_requests_total{direction="received",method="BYE"} 1\n');
    expect(text).to.include('sipxrest_sip_responses_total{direction="sent",method="NOTIFY",class="2xx"} 1\n');
    expect(text).to.include('sipxrest_sip_responses_total{direction="received",method="INVITE",class="4xx"} 1\n');
    expect(text).to.include('sipxrest_sip_retransmissions_total{method="INVITE"} 1\n');
    expect(text).to.include('sipxrest_sip_dropped_total{reason="strayAck"} 1\n');
  });

  it('have no label of a method that a stranger has made up', async () => {
    sip.onReceived({ method: 'SECRET', status: undefined, callId: 'a' });
    const text = await metrics.text();
    expect(text).to.include('sipxrest_sip_requests_total{direction="received",method="other"} 1\n');
    expect(text).not.to.include('SECRET');
  });
});
