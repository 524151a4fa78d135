import type { RouterContext } from '@koa/router';
import { injectable } from 'tsyringe';
import { CallControl, type CallInfo, type CallOrder, idempotencyKey, requestId, Sdk } from '../../../sdk/index.js';
import { Webhooks } from '../webhooks/webhooks.js';
import { Access } from './access.js';
import { check, jsonBody } from './check.js';
import { listQuery } from './list-query.js';
import { goneSignal, waitMs } from './prefer.js';
import { badOrder, readOrder, sinkFault } from './order.js';
import { type OrderBody, transferSchema } from './schemas.js';

/** How long a repeated request waits for the first answer, unless it says otherwise. */
const LEAST_PATIENCE_MS = 2_000;

/** The calls in JSON. */
@injectable()
export class CallRoutes {
  readonly #access: Access;

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: CallControl,
    private readonly webhooks: Webhooks,
  ) {
    this.#access = new Access(sdk.accounts, calls);
    const { routes } = sdk;
    routes.post('/calls', (ctx) => this.#place(ctx));
    routes.get('/calls', (ctx) => this.#list(ctx));
    routes.get('/calls/:id', (ctx) => this.#show(ctx));
    routes.delete('/calls/:id', (ctx) => this.#hangUp(ctx));
    routes.post('/calls/:id/hold', (ctx) => this.#steer(ctx, (id) => calls.hold(id)));
    routes.post('/calls/:id/resume', (ctx) => this.#steer(ctx, (id) => calls.resume(id)));
    routes.post('/calls/:id/transfer', (ctx) => this.#steer(ctx, (id) => this.#transfer(ctx, id)));
    routes.get('/calls/:id/messages', (ctx) => this.#messages(ctx));
  }

  async #place(ctx: RouterContext): Promise<void> {
    const order = await readOrder(jsonBody(ctx), this.calls, this.webhooks);
    const agent = this.#access.agentOf(ctx, order);
    const user = this.#access.userOf(ctx);
    const key = idempotencyKey(ctx);
    const timeoutMs = waitMs(ctx);
    const work = async (): Promise<CallInfo> => {
      const source = { isFromOutside: user !== undefined, client: ctx.ip, requestId: requestId(ctx) };
      const call = await this.#placeCall({ ...order, agent }, source);
      if (timeoutMs === 0) return call;
      return this.calls.waitFor(call.id, isSettled, { timeoutMs, signal: goneSignal(ctx) });
    };
    const { answer, isReplay } =
      key === undefined
        ? { answer: await work(), isReplay: false }
        : await this.calls.once(
            {
              scope: user?.userName ?? this.sdk.accounts.find(agent ?? order.caller)?.userName ?? '',
              key,
              fingerprint: `POST /v1/calls ${JSON.stringify(order)}`,
              patienceMs: Math.max(timeoutMs, LEAST_PATIENCE_MS),
            },
            work,
          );
    if (isReplay) ctx.set('Idempotent-Replayed', 'true');
    ctx.set('Location', `/v1/calls/${answer.id}`);
    answerWith(ctx, 201, answer);
  }

  async #placeCall(
    { sink, ...order }: OrderBody,
    source: Pick<CallOrder, 'isFromOutside' | 'client' | 'requestId'>,
  ): Promise<CallInfo> {
    const resolved = sink && (await this.webhooks.resolve(sink));
    if (sink && !resolved) throw badOrder([sinkFault(sink), ...(await this.calls.check(order))]);
    return this.calls.place({ ...order, ...source, ...(resolved && { sink: resolved }) });
  }

  async #list(ctx: RouterContext): Promise<void> {
    const user = this.#access.userOf(ctx);
    const query = await listQuery(ctx.querystring, this.calls);
    const isOthers = user !== undefined && query.agent !== undefined && !this.#isUser(query.agent, user.userName);
    const page = isOthers ? { items: [] } : await this.calls.list({ ...query, ...(user && { agent: user.userName }) });
    if (page.next !== undefined) {
      const next = new URLSearchParams(ctx.querystring);
      next.set('cursor', page.next);
      ctx.set('Link', `</v1/calls?${next.toString()}>; rel="next"`);
    }
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = page;
  }

  #isUser(name: string, userName: string): boolean {
    return this.sdk.accounts.find(name)?.userName === userName;
  }

  async #show(ctx: RouterContext): Promise<void> {
    let call = await this.#access.call(ctx, idOf(ctx));
    const timeoutMs = isKnown(ctx, call) ? waitMs(ctx) : 0;
    if (timeoutMs > 0) {
      const isNews = (later: CallInfo): boolean => !isKnown(ctx, later);
      call = await this.calls.waitFor(call.id, isNews, { timeoutMs, signal: goneSignal(ctx) });
    }
    answerWith(ctx, 200, call);
    if (!isKnown(ctx, call)) return;
    ctx.status = 304;
    ctx.body = null;
  }

  async #hangUp(ctx: RouterContext): Promise<void> {
    const { id, isFinal } = await this.#access.call(ctx, idOf(ctx));
    answerWith(ctx, isFinal ? 200 : 202, await this.calls.hangUp(id));
  }

  async #steer(ctx: RouterContext, act: (id: string) => Promise<CallInfo>): Promise<void> {
    const { id } = await this.#access.call(ctx, idOf(ctx));
    answerWith(ctx, 202, await act(id));
  }

  #transfer(ctx: RouterContext, id: string): Promise<CallInfo> {
    return this.calls.transfer(id, check(transferSchema, jsonBody(ctx), 'body').target);
  }

  async #messages(ctx: RouterContext): Promise<void> {
    const { id } = await this.#access.call(ctx, idOf(ctx));
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = { items: await this.calls.messages(id) };
  }
}

function isSettled({ status, isFinal }: CallInfo): boolean {
  return isFinal || status === 'connected';
}

function idOf({ params }: RouterContext): string {
  return params['id'] ?? '';
}

function answerWith(ctx: RouterContext, status: number, call: CallInfo): void {
  ctx.status = status;
  ctx.set('ETag', etagOf(call));
  ctx.set('Cache-Control', 'no-cache');
  ctx.body = call;
}

function etagOf({ revision }: CallInfo): string {
  return `"${revision}"`;
}

/** Whether the client has this revision of the call (If-None-Match, RFC 9110 section 13.1.2). */
function isKnown(ctx: RouterContext, call: CallInfo): boolean {
  const header = ctx.get('If-None-Match');
  if (header === '') return false;
  const known = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etagOf(call)) || known.includes('*');
}
