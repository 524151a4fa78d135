import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Benchmark } from './benchmark.js';
import { comparison, type Figure, inTurn, oursAlone } from './figures.js';
import { Generator } from './load/generator.js';
import type { Outcome } from './load/jobs.js';
import { startAnsweringPhone } from './peers/answering-phone.js';
import { type Sipxrest, startSipxrest } from './peers/sipxrest.js';
import { type Load, Rig } from './rig.js';
import { Stops } from './stops.js';

const perSecond = 200;
const warmUp = { perSecond, calls: 3_000 };
const load = { perSecond, calls: perSecond * 5 };
const burst = { perSecond: 600, calls: 6_000 };
const pollMs = 100;
const patienceMs = 10_000;
const diagnostics = z.object({ sip: z.object({ dialogs: z.number() }) });

/** Cost of an Invite call compared with a Refer call: thirteen messages each, including the POST and the hang-up by a phone. */
export const inviteRate: Benchmark = ({ rounds }) =>
  Rig.use({}, async (rig) => {
    const stops = new Stops();
    try {
      const phone = await stops.add(startAnsweringPhone({ hangsUp: true }));
      const generator = await stops.add(new Generator());
      const server = await stops.add(startSipxrest({ phonePort: phone.port, resultCacheTimeS: 1 }));
      const invites = new InviteLoad(server, generator);
      await invites.place(warmUp);
      await rig.call(rig.sipxrest, warmUp);
      const taken = await inTurn(
        rounds,
        () => cpuOf(server, () => invites.place(load)),
        () => cpuOf(rig.sipxrest, () => rig.call(rig.sipxrest, load)),
      );
      return [cpuFigure(taken.ours, taken.other), ...(await burstFigures(invites))];
    } finally {
      await stops.stop();
    }
  });

function cpuFigure(ours: readonly number[], other: readonly number[]): Figure {
  const what = `CPU of an Invite call at ${perSecond} calls/s`;
  return comparison({ what, unit: 'ms', target: { of: 'ratio', most: 1.3 } }, 'a Refer call', ours, other);
}

async function burstFigures(invites: InviteLoad): Promise<Figure[]> {
  const { p99Ms, connected } = await invites.place(burst);
  const what = `Invite calls at ${burst.perSecond} calls/s for ${burst.calls / burst.perSecond} s`;
  return [
    oursAlone({ what: `${what}, POST p99`, unit: 'ms', target: { of: 'ours', most: 20 } }, [p99Ms]),
    oursAlone({ what: `${what}, connected`, unit: 'calls', target: { of: 'ours', least: burst.calls } }, [connected]),
  ];
}

/** @returns milliseconds of CPU a call */
async function cpuOf(server: Sipxrest, place: () => Promise<unknown>): Promise<number> {
  const beforeMs = await server.cpuMs();
  await place();
  return ((await server.cpuMs()) - beforeMs) / load.calls;
}

/** Places Invite calls that the called phone hangs up, and waits until they are over. */
class InviteLoad {
  #placed = 0;

  constructor(
    private readonly server: Sipxrest,
    private readonly generator: Generator,
  ) {}

  /** @returns also how many calls were connected before they ended */
  async place({ perSecond: rate, calls }: Load): Promise<Outcome & { connected: number }> {
    const before = await this.#disconnected();
    const first = this.#placed;
    this.#placed += calls;
    const request =
      'POST /callcontroller/phone######/user2?agent=user1&sipMethod=Invite&resultCacheTime=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n';
    const outcome = await this.generator.atRate({
      port: this.server.httpPort,
      request,
      first,
      count: calls,
      perSecond: rate,
    });
    await this.#over();
    return { ...outcome, connected: (await this.#disconnected()) - before };
  }

  async #over(): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (performance.now() < deadlineMs) {
      const response = await this.server.container.get('/diagnostics');
      if (diagnostics.parse(await response.json()).sip.dialogs === 0) return;
      await delay(pollMs);
    }
  }

  /** Number of calls that were connected and are over. */
  async #disconnected(): Promise<number> {
    const metrics = await (await this.server.container.get('/metrics')).text();
    const lines = metrics.matchAll(/^sipxrest_calls_over_total\{.*status="disconnected".*\} (\d+)$/gm);
    return [...lines].reduce((total, [, value]) => total + Number(value), 0);
  }
}
