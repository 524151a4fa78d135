import type { IncomingLeg, LegListener, Plugin, Sdk } from 'sipxrest/sdk';
import { EchoCall } from './echo-call.js';

/** Limit of calls: each has a port of its own. */
const MAX_CALLS = 20;

/** Callers of `sip:echo@…` hear themselves; `GET /echo` shows the current calls. */
export default class Echo implements Plugin {
  private readonly calls = new Set<EchoCall>();

  constructor(private readonly sdk: Sdk) {
    sdk.sip.onInvite((leg) => this.take(leg));
    sdk.routes.get('/', (ctx) => {
      ctx.body = [...this.calls].map((call) => call.view());
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.calls].map((call) => call.hangUp()));
  }

  private take(leg: IncomingLeg): LegListener {
    if (this.calls.size >= MAX_CALLS) {
      leg.reject(486);
      leg.release();
      return {};
    }
    const { sip, log } = this.sdk;
    const call = new EchoCall(leg, sip.host, log, () => this.calls.delete(call));
    this.calls.add(call);
    return call;
  }
}
