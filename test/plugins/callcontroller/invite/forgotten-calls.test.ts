import { SharedCalls } from '../../../../plugins/callcontroller/nodes/shared-calls.js';
import { Traces } from '../../../../plugins/callcontroller/model/traces.js';
import { Watchers } from '../../../../plugins/callcontroller/model/watchers.js';
import { expect } from 'chai';
import { mock } from 'node:test';
import { queryObjects } from 'node:v8';
import { TtlCache } from '../../../../container/cache/ttl-cache.js';
import { MetricsRegistry } from '../../../../container/metrics/registry.js';
import { CallSpans } from '../../../../plugins/callcontroller/model/call-spans.js';
import { CallMetrics } from '../../../../plugins/callcontroller/model/call-metrics.js';
import { withDefaults } from '../../../../container/config/limits.js';
import { idleLoad } from '../../../../container/load.js';
import { CallLimits } from '../../../../plugins/callcontroller/call-limits.js';
import { Calls } from '../../../../plugins/callcontroller/calls.js';
import { InviteCall } from '../../../../plugins/callcontroller/invite/invite-call.js';
import { settingsSchema } from '../../../../plugins/callcontroller/settings.js';
import type { CacheOptions, Sdk } from '../../../../sdk/index.js';
import { request } from './call-request.js';
import { ScriptedSip, sdp } from './scripted-sip.js';

const parties = { agent: 'alice@example.com', calling: 'alice@example.com', called: 'bob@example.com' };
const nothing = (): void => undefined;
const transferred = { ...parties, calling: 'carol@example.com' };

describe('An ended Invite call', () => {
  let sip: ScriptedSip;
  let calls: Calls;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    sip = new ScriptedSip();
    const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
    const sdk: Pick<Sdk, 'sip' | 'config' | 'cache' | 'load' | 'log' | 'traceLog' | 'metrics' | 'share'> = {
      get sip() {
        return sip;
      },
      config: ((schema: typeof settingsSchema) => schema.parse({})) as Sdk['config'],
      cache: (_name, options: CacheOptions<never>) => new TtlCache(options),
      load: idleLoad(withDefaults({})),
      log,
      traceLog: { isTraced: false, trace: nothing },
      metrics: new MetricsRegistry(log),
      share: () => undefined,
    };
    const watchers = new Watchers(sdk as Sdk, new CallMetrics(sdk as Sdk), new Traces(), new CallSpans());
    calls = new Calls(sdk as Sdk, watchers, new CallLimits(sdk as Sdk), new SharedCalls(sdk as Sdk));
  });

  afterEach(() => mock.timers.reset());

  it('is released at once, and its record under both keys when that expires', async () => {
    const before = liveCalls();
    await playTransferredCall();
    expect(liveCalls()).to.equal(before + 1);
    hangUp();
    expect(liveCalls()).to.equal(before);
    expect(shown().map((document = '') => document.match(/Terminated Dialog/g)?.length)).to.deep.equal([3, 3]);
    mock.timers.tick(request.resultCacheTimeMs);
    expect(shown()).to.deep.equal([undefined, undefined]);
    await calls.stop();
  });

  async function playTransferredCall(): Promise<void> {
    await calls.place(request);
    answer('alice', 4000, 'inactive');
    answer('bob', 5000);
    answer('alice', 4000);
    calls.transfer(calls.of(parties), transferred.calling);
    answer('carol', 6000, 'inactive');
    answer('bob', 5000);
    answer('carol', 6000);
  }

  /** The SIP stack lets go of legs that were released. */
  function hangUp(): void {
    calls.hangUp(calls.of(transferred));
    for (const leg of sip.legs) leg.latest.answer(200);
    expect(sip.legs.map(({ isReleased }) => isReleased)).to.deep.equal([true, true, true]);
    sip = new ScriptedSip();
  }

  function answer(user: string, port: number, direction?: string): void {
    sip.leg(user).latest.answer(200, { body: sdp(user, port, direction) });
  }

  function shown(): (string | undefined)[] {
    return [parties, transferred].map((key) => calls.find(key)?.document());
  }
});

function liveCalls(): number {
  return queryObjects(InviteCall, { format: 'count' });
}
