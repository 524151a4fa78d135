import { startKamailio } from '../../bench/peers/kamailio.js';
import { startPhone } from '../../bench/peers/phone.js';
import { Places } from '../support/places.js';

/** Outcome of the same burst with Kamailio's `dlg.bridge_dlg`. */
export interface BesideOutcome {
  /** Requests that were answered with 200, and those that were not. */
  readonly accepted: number;
  readonly failed: number;
  /** Calls that SIPp, the telephones of both parties, has seen from beginning to end. */
  readonly completed: number;
  readonly seconds: number;
  /** Shared memory in use after the last POST, of the 256 MiB that Kamailio is given, in MiB. */
  readonly sharedMiB: number;
}

const POSTS_AT_A_TIME = 200;
/** Some requests get no answer at all. */
const ANSWER_MS = 10_000;
const PATIENCE_MS = 15_000;
const MIB = 1_048_576;

/** Requests the same number of calls from Kamailio, as fast as possible. */
export async function burstBeside({ posts }: { readonly posts: number }): Promise<BesideOutcome> {
  const phone = await startPhone();
  try {
    const kamailio = await startKamailio(phone.port);
    try {
      let [accepted, failed] = [0, 0];
      const [, body = ''] = kamailio.placeCall.split('\r\n\r\n');
      const post = async (number: number): Promise<void> => {
        const own = body.replace('######', String(number).padStart(6, '0'));
        const url = `http://127.0.0.1:${kamailio.httpPort}/RPC`;
        const isOk = await fetch(url, { method: 'POST', body: own, signal: AbortSignal.timeout(ANSWER_MS) }).then(
          async (answer) => (await answer.text()) !== '' && answer.status === 200,
          () => false,
        );
        if (isOk) accepted += 1;
        else failed += 1;
      };
      const startMs = performance.now();
      const places = new Places(POSTS_AT_A_TIME);
      await Promise.all(Array.from({ length: posts }, async (_, number) => places.take(() => post(number))));
      const seconds = Math.round((performance.now() - startMs) / 100) / 10;
      const sharedMiB = Math.round((await kamailio.liveBytes()) / MIB);
      return { accepted, failed, completed: await phone.completed(posts, PATIENCE_MS), seconds, sharedMiB };
    } finally {
      await kamailio.stop();
    }
  } finally {
    await phone.stop();
  }
}
