import type { Context } from 'koa';
import { injectable } from 'tsyringe';
import {
  CallControl,
  type Drain,
  type ErrorBody,
  type Plugin,
  problemBody,
  type RefusedRequest,
  Sdk,
} from '../../sdk/index.js';
import { MAX_WAIT_MS } from './http/prefer.js';
import { Webhooks } from './webhooks/webhooks.js';
import { Events } from './events/events.js';
import { CallRoutes } from './http/call-routes.js';
import { EventRoutes } from './http/event-routes.js';
import { TraceRoute } from './http/trace-route.js';
import { DescriptionRoutes } from './openapi/routes.js';

/** The answer of a request that waits for as long as it may begins then. */
const ANSWER_GRACE_MS = 10_000;
/** Before the container ends, readers get so long for what was told last. */
const LAST_EVENTS_MS = 200;

/** Calls as a resource: the plugin that the container loads. */
@injectable()
export default class Api implements Plugin {
  constructor(
    sdk: Sdk,
    private readonly calls: CallControl,
    private readonly events: Events,
    private readonly eventRoutes: EventRoutes,
    private readonly webhooks: Webhooks,
    _callRoutes: CallRoutes,
    _descriptionRoutes: DescriptionRoutes,
    _traceRoute: TraceRoute,
  ) {
    sdk.answerWithin(MAX_WAIT_MS + ANSWER_GRACE_MS);
  }

  async start(): Promise<void> {
    await this.events.start();
    this.webhooks.start();
  }

  /** Who follows the events is told at once, and hears of the calls that still finish. */
  async drain({ seconds }: Drain): Promise<void> {
    this.eventRoutes.announceEnd();
    await this.#untilQuiet(performance.now() + seconds * 1_000 - LAST_EVENTS_MS);
    this.eventRoutes.close();
  }

  async stop(): Promise<void> {
    this.eventRoutes.close();
    this.events.stop();
    await this.webhooks.stop();
  }

  /** Waits until every call is over, or the time is. */
  async #untilQuiet(endsAtMs: number): Promise<void> {
    for (;;) {
      const [call] = (await this.calls.list({ state: 'live', limit: 1 })).items;
      const timeoutMs = endsAtMs - performance.now();
      if (!call || timeoutMs <= 0) return;
      await this.calls.waitFor(call.id, ({ isFinal }) => isFinal, { timeoutMs });
    }
  }

  errorBody(refused: RefusedRequest, context: Context): ErrorBody {
    return problemBody(refused, context);
  }
}
