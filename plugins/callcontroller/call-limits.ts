import { Lifecycle, scoped } from 'tsyringe';
import { type Limits, Sdk } from '../../sdk/index.js';
import type { CallRecord } from './model/call-record.js';
import { Rate } from './rate.js';

/** The stocks that a call counts in: while it is set up, while it is held, and as long as it is kept. */
interface CallCounts {
  callsInSetup: number;
  callsHeld: number;
  recordsKept: number;
}

type Stock = keyof CallCounts;

/** When to try again, in seconds: a setup takes seconds, a conversation minutes. */
const RETRY_SECONDS: Readonly<Record<Stock, number>> = { callsInSetup: 5, callsHeld: 30, recordsKept: 30 };
const LATE_RETRY_SECONDS = 5;
const STOCKS = Object.keys(RETRY_SECONDS) as Stock[];

/** Header fields of an answer (draft-ietf-httpapi-ratelimit-headers). */
export type RateFields = Readonly<Record<'RateLimit-Policy' | 'RateLimit', string>>;

/**
 * Decides by the configured limits whether one more call is accepted. One agent gets at most half of the room, so that others can always
 * call.
 */
@scoped(Lifecycle.ContainerScoped)
export class CallLimits {
  readonly #total = noCalls();
  readonly #byAgent = new Map<string, CallCounts>();
  /** The stock of each call that is not over. */
  readonly #where = new Map<CallRecord, 'callsInSetup' | 'callsHeld'>();
  readonly #rate = new Rate();
  readonly #rates = new Map<string, Rate>();

  constructor(private readonly sdk: Sdk) {
    sdk.load.fullWhen(() => STOCKS.some((stock) => this.#total[stock] >= this.#limits[stock]));
    for (const stock of STOCKS) sdk.load.measure(stock, () => this.#total[stock]);
    sdk.load.measure('callsPerSecond', () => this.#rate.counted);
    sdk.load.measure('callsPerSecondPerAgent', () =>
      [...this.#rates.values()].reduce((most, { counted }) => Math.max(most, counted), 0),
    );
  }

  /**
   * Counts a new call in its second.
   * @param ofAllNodes how many calls the agent has placed within a second on all nodes, if known
   * @returns milliseconds until the call may be placed
   * @throws HttpError 503 if there is no room for a call, 429 if the agent's own share is used up; both with Retry-After
   */
  admit(agent: string, ofAllNodes = 0): number {
    this.checkRoom(agent);
    const { callsPerSecond, callsPerSecondPerAgent } = this.#limits;
    const own = this.#rateOf(agent);
    const what = 'too many calls in a second';
    if (own.left(callsPerSecondPerAgent) < 1 || ofAllNodes > callsPerSecondPerAgent)
      throw refused(429, 'callsPerSecondPerAgent', `${what} by ${agent}`, own.secondsLeft, this.rateFields(agent));
    if (this.#rate.left(callsPerSecond) < 1)
      throw refused(503, 'callsPerSecond', what, this.#rate.secondsLeft, this.rateFields(agent));
    own.count();
    this.#rate.count();
    return this.#rate.delayMs(callsPerSecond);
  }

  /** @throws HttpError as `admit`, but for the calls of a second */
  checkRoom(agent: string): void {
    if (this.sdk.load.isLate)
      throw refused(503, 'eventLoopDelayMs', 'the container has no time for more calls', LATE_RETRY_SECONDS);
    for (const stock of STOCKS) this.#checkStock(stock, agent);
  }

  /** What is left of the calls of this second. */
  rateFields(agent: string): RateFields {
    const { callsPerSecond, callsPerSecondPerAgent } = this.#limits;
    const own = this.#rateOf(agent);
    return {
      'RateLimit-Policy': `"callsPerSecond";q=${callsPerSecond};w=1, "callsPerSecondPerAgent";q=${callsPerSecondPerAgent};w=1`,
      RateLimit:
        `"callsPerSecond";r=${this.#rate.left(callsPerSecond)};t=${this.#rate.secondsLeft}, ` +
        `"callsPerSecondPerAgent";r=${own.left(callsPerSecondPerAgent)};t=${own.secondsLeft}`,
    };
  }

  /** A call is set up. */
  begin(record: CallRecord): void {
    this.#add('recordsKept', record, 1);
    this.#move(record, 'callsInSetup');
  }

  /** A call is connected. */
  connect(record: CallRecord): void {
    this.#move(record, 'callsHeld');
  }

  /** A call is over, or the telephones have it. May be called twice. */
  leave(record: CallRecord): void {
    this.#move(record, undefined);
  }

  /** The record of a call is gone. */
  forget(record: CallRecord): void {
    this.#move(record, undefined);
    this.#add('recordsKept', record, -1);
  }

  #move(record: CallRecord, to: 'callsInSetup' | 'callsHeld' | undefined): void {
    const from = this.#where.get(record);
    if (from) this.#add(from, record, -1);
    if (to) this.#add(to, record, 1);
    if (to) this.#where.set(record, to);
    else this.#where.delete(record);
  }

  #add(stock: Stock, { request: { agent } }: CallRecord, count: 1 | -1): void {
    this.#total[stock] += count;
    const own = this.#byAgent.get(agent) ?? noCalls();
    own[stock] += count;
    if (STOCKS.some((each) => own[each] !== 0)) this.#byAgent.set(agent, own);
    else this.#byAgent.delete(agent);
  }

  get #limits(): Limits {
    return this.sdk.load.limits;
  }

  #checkStock(stock: Stock, agent: string): void {
    const limit = this.#limits[stock];
    const seconds = RETRY_SECONDS[stock];
    if (this.#total[stock] >= limit) throw refused(503, stock, `${limit} calls are ${WORDS[stock]}`, seconds);
    const share = Math.ceil(limit / 2);
    if ((this.#byAgent.get(agent)?.[stock] ?? 0) >= share)
      throw refused(429, stock, `${share} calls of ${agent} are ${WORDS[stock]}`, seconds);
  }

  #rateOf(agent: string): Rate {
    let rate = this.#rates.get(agent);
    if (!rate) {
      // Forgets agents that have placed no call in this second.
      for (const [other, { isOver }] of this.#rates) {
        if (!isOver) break;
        this.#rates.delete(other);
      }
      rate = new Rate();
      this.#rates.set(agent, rate);
    }
    return rate;
  }
}

const WORDS: Readonly<Record<Stock, string>> = {
  callsInSetup: 'being set up',
  callsHeld: 'held',
  recordsKept: 'kept',
};

function noCalls(): CallCounts {
  return { callsInSetup: 0, callsHeld: 0, recordsKept: 0 };
}

/**
 * A call for which there is no room. An HTTP error by its properties: one of http-errors costs six times as much, and under load most
 * requests are refused.
 */
class LimitReached extends Error {
  readonly statusCode: number;
  readonly expose = true;

  /** @param limit that is reached */
  constructor(
    readonly status: 429 | 503,
    readonly limit: keyof Limits,
    text: string,
    readonly headers: Readonly<Record<string, string>>,
  ) {
    super(text);
    this.statusCode = status;
  }
}

function refused(
  status: 429 | 503,
  limit: keyof Limits,
  why: string,
  seconds: number,
  fields: Readonly<Record<string, string>> = {},
): LimitReached {
  const text = `${limit}: ${why}, try again in ${seconds} second${seconds === 1 ? '' : 's'}`;
  return new LimitReached(status, limit, text, { 'Retry-After': String(seconds), ...fields });
}
