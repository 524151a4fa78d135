import type { RouterContext } from '@koa/router';
import createError, { isHttpError } from 'http-errors';
import { injectable } from 'tsyringe';
import { formOf, idempotencyKey, loggedInUser, requestId, Sdk } from '../../../sdk/index.js';
import { refuseOtherBody } from './body.js';
import { type CallPath, type CallRequest, type Names, parseCallQuery, parseCallRequest } from './call-request.js';
import { CallLimits } from '../call-limits.js';
import { Calls, type Origin } from '../calls.js';
import { Idempotency } from '../idempotency.js';
import type { CallRecord } from '../model/call-record.js';
import { Steering } from '../nodes/steering.js';
import { Parameters } from './parameters.js';
import { checkPermission } from '../permissions.js';
import { type Settings, settingsSchema } from '../settings.js';

/** The HTTP side: POST places a call, GET tells how far it got. */
@injectable()
export class Routes {
  readonly #names: Names;
  readonly #agentsMayCall: Settings['agentsMayCall'];

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: Calls,
    private readonly idempotency: Idempotency,
    private readonly limits: CallLimits,
    private readonly steering: Steering,
  ) {
    this.#agentsMayCall = sdk.config(settingsSchema).agentsMayCall;
    this.#names = { accounts: sdk.accounts, domain: sdk.sip.domain };
    sdk.routes.get('/:callingUser/:calledUser', (ctx) => this.#show(ctx));
    sdk.routes.post('/:callingUser/:calledUser', (ctx) => this.#place(ctx));
  }

  async #place(ctx: RouterContext): Promise<void> {
    refuseOtherBody(ctx);
    const request = parseCallRequest(callPath(ctx), new Parameters(ctx.querystring, formOf(ctx)), this.#names);
    const user = loggedInUser(ctx, this.sdk.accounts);
    if (user && request.action === 'Call') checkPermission(request, this.sdk.accounts, this.#agentsMayCall);
    const key = idempotencyKey(ctx);
    const work = (): Promise<string | undefined> => this.#answer(ctx, request);
    if (key === undefined) {
      this.#tellLocation(ctx, await work());
    } else {
      const scope = user?.userName ?? request.agentAccount.userName;
      const { answer, isReplay } = await this.idempotency.once(
        { scope, key, fingerprint: fingerprintOf(request) },
        work,
      );
      this.#tellLocation(ctx, answer);
      if (isReplay) ctx.set('Idempotent-Replayed', 'true');
    }
    ctx.set(this.limits.rateFields(request.agent));
    ctx.status = 200;
    ctx.body = '';
  }

  #tellLocation(ctx: RouterContext, id: string | undefined): void {
    if (id !== undefined) ctx.set('Location', `/v1/calls/${id}`);
  }

  /** The id of the call that was placed, if one was. */
  async #answer(ctx: RouterContext, request: CallRequest): Promise<string | undefined> {
    try {
      return (await this.#carryOut(request, { client: ctx.ip, requestId: requestId(ctx) }))?.id;
    } catch (error) {
      if (isHttpError(error)) throw error;
      this.sdk.log.warn('Call not placed', { calling: request.calling, called: request.called, error: String(error) });
      throw createError(503, 'The INVITE could not be sent to the proxy of the domain', { expose: true });
    }
  }

  async #carryOut(request: CallRequest, origin: Origin): Promise<CallRecord | undefined> {
    if (request.action === 'Call') return this.calls.place(request, origin);
    await this.steering.steer(request);
    return undefined;
  }

  async #show(ctx: RouterContext): Promise<void> {
    const parties = parseCallQuery(callPath(ctx), new Parameters(ctx.querystring, formOf(ctx)), this.#names);
    ctx.body = await this.steering.document(parties);
    ctx.type = 'text/xml; charset=utf-8';
  }
}

export function callPath({ params }: Pick<RouterContext, 'params'>): CallPath {
  return { calling: params['callingUser'] ?? '', called: params['calledUser'] ?? '' };
}

/** What a request asks for: two requests with the same fingerprint are the same. */
function fingerprintOf(request: CallRequest): string {
  return JSON.stringify({ ...request, agentAccount: undefined });
}
