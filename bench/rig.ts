import { Generator } from './load/generator.js';
import type { Outcome } from './load/jobs.js';
import { startKamailio } from './peers/kamailio.js';
import { type Phone, type PhoneOptions, startPhone } from './peers/phone.js';
import type { Server } from './peers/server.js';
import { type Sipxrest, type SipxrestOptions, startSipxrest } from './peers/sipxrest.js';
import { Stops } from './stops.js';

export interface RigOptions {
  readonly phone?: PhoneOptions;
  readonly sipxrest?: Omit<SipxrestOptions, 'phonePort'>;
}

export interface Load {
  readonly perSecond: number;
  readonly calls: number;
}

export interface Called extends Outcome {
  /** Calls that succeeded from the POST to the last NOTIFY. */
  readonly completed: number;
}

const patienceMs = 5_000;
const batch = { perSecond: 200, calls: 2_000 };
/** Share of calls that may be lost on a busy machine, in benchmarks that measure only what calls leave behind. */
const mayBeLost = 0.2;

/** The load generator, both servers, and the telephones for both. */
export class Rig {
  #placed = 0;
  #missing = 0;

  private constructor(
    readonly generator: Generator,
    readonly phone: Phone,
    readonly sipxrest: Sipxrest,
    readonly kamailio: Server,
  ) {}

  /** Runs `measure` on a rig, and stops the rig. */
  static async use<T>(options: RigOptions, measure: (rig: Rig) => Promise<T>): Promise<T> {
    const stops = new Stops();
    try {
      const generator = await stops.add(new Generator());
      const phone = await stops.add(startPhone(options.phone));
      const kamailio = await stops.add(startKamailio(phone.port));
      const sipxrest = await stops.add(
        startSipxrest({ resultCacheTimeS: 180, ...options.sipxrest, phonePort: phone.port }),
      );
      return await measure(new Rig(generator, phone, sipxrest, kamailio));
    } finally {
      await stops.stop();
    }
  }

  /** Places calls at a fixed rate, each between different users, without waiting for their end. */
  async place(server: Server, { perSecond, calls }: Load): Promise<Outcome> {
    const first = this.#placed;
    this.#placed += calls;
    const job = { port: server.httpPort, request: server.placeCall, first, count: calls, perSecond };
    return this.generator.atRate(job);
  }

  /** Places calls at a fixed rate and waits until they are over. */
  async call(server: Server, load: Load): Promise<Called> {
    const outcome = await this.place(server, load);
    return { ...outcome, completed: await this.#over(load.calls) };
  }

  /** Places `count` calls in batches, to measure what they leave behind. @throws Error if too many failed */
  async complete(server: Server, calls: number): Promise<void> {
    for (let placed = 0; placed < calls; placed += batch.calls) {
      const load = { ...batch, calls: Math.min(batch.calls, calls - placed) };
      const { completed } = await this.call(server, load);
      const lost = load.calls - completed;
      if (lost > mayBeLost * load.calls) throw new Error(`${lost} of ${load.calls} calls were lost`);
    }
  }

  /** Waits until the calls placed last are over. @returns their number; stragglers of earlier rounds do not count */
  async #over(calls: number): Promise<number> {
    const missingBefore = this.#missing;
    this.#missing = this.#placed - (await this.phone.completed(this.#placed, patienceMs));
    return calls - Math.max(0, this.#missing - missingBefore);
  }
}
