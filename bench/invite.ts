import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Benchmark } from './benchmark.js';
import { type Figure, KIB, oursAlone } from './figures.js';
import { Generator } from './load/generator.js';
import { startAnsweringPhone } from './peers/answering-phone.js';
import { type Sipxrest, startSipxrest } from './peers/sipxrest.js';
import type { Load } from './rig.js';
import { Stops } from './stops.js';
import { count } from './table.js';

const batch = { calls: 250, perSecond: 50 };
const held = { calls: 500, perSecond: 100, forMs: 5_000 };
const heldInFull = { calls: 10_000, perSecond: 100, forMs: 60_000 };
/** Until the last call of a batch is connected, or released. */
const settleMs = 2_000;
const connectMs = 30_000;
const diagnostics = z.object({ sip: z.object({ dialogs: z.number() }) });

/** Cost of Invite calls: to connect, to hang up, and to keep connected. Kamailio never stays in the path of its calls. */
export const inviteCalls: Benchmark = async ({ rounds, full }) => {
  const stops = new Stops();
  try {
    const phone = await stops.add(startAnsweringPhone());
    const generator = await stops.add(new Generator());
    const server = await stops.add(startSipxrest({ phonePort: phone.port, resultCacheTimeS: 1 }));
    return await measure(new InviteBench(server, generator), rounds, full ? heldInFull : held);
  } finally {
    await stops.stop();
  }
};

async function measure(bench: InviteBench, rounds: number, load: typeof held): Promise<Figure[]> {
  await bench.connectAndHangUp(batch);
  const cpu: number[] = [];
  for (let round = 0; round < rounds; round++) cpu.push(await bench.connectAndHangUp(batch));
  const { calls, forMs } = load;
  const { kib, left } = await bench.hold(load);
  const what = `Invite calls that stay connected for ${forMs / 1_000} s`;
  return [
    oursAlone({ what: 'CPU of an Invite call, connected and hung up', unit: 'ms' }, cpu),
    oursAlone({ what: `memory of an Invite call, of ${count(calls)} that are held`, unit: 'KiB' }, [kib]),
    oursAlone({ what, unit: 'calls', target: { of: 'ours', least: calls } }, [left]),
  ];
}

class InviteBench {
  #placed = 0;

  constructor(
    private readonly server: Sipxrest,
    private readonly generator: Generator,
  ) {}

  /** @returns milliseconds of CPU a call */
  async connectAndHangUp(load: Load): Promise<number> {
    const before = await this.server.cpuMs();
    const first = this.#placed;
    await this.#connect(load);
    await this.#post('action=Hangup', first, load);
    await delay(settleMs);
    return ((await this.server.cpuMs()) - before) / load.calls;
  }

  /** @returns memory of a call, and the number of calls still connected after the time */
  async hold({ forMs, ...load }: Load & { forMs: number }): Promise<{ kib: number; left: number }> {
    const before = await this.server.liveBytes();
    const first = this.#placed;
    await this.#connect(load);
    const kib = ((await this.server.liveBytes()) - before) / KIB / load.calls;
    await delay(forMs);
    const left = (await this.#dialogs()) / 2;
    await this.#post('action=Hangup', first, load);
    return { kib, left };
  }

  /** Places calls and waits until both legs of each are connected. */
  async #connect(load: Load): Promise<void> {
    const first = this.#placed;
    const dialogs = (await this.#dialogs()) + 2 * load.calls;
    this.#placed += load.calls;
    await this.#post('sipMethod=Invite&resultCacheTime=1', first, load);
    const deadlineMs = performance.now() + connectMs;
    while ((await this.#dialogs()) < dialogs) {
      if (performance.now() > deadlineMs) throw new Error('Not all Invite calls were connected');
      await delay(100);
    }
    await delay(settleMs);
  }

  async #post(query: string, first: number, { calls, perSecond }: Load): Promise<void> {
    const request = `POST /callcontroller/phone######/user2?agent=user1&${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n`;
    const { failed } = await this.generator.atRate({
      port: this.server.httpPort,
      request,
      first,
      count: calls,
      perSecond,
    });
    if (failed > 0) throw new Error(`${failed} of ${calls} requests were refused`);
  }

  async #dialogs(): Promise<number> {
    return diagnostics.parse(await (await this.server.container.get('/diagnostics')).json()).sip.dialogs;
  }
}
