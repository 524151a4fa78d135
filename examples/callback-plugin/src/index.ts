import type { Context } from 'koa';
import { CallControl, findAccount, loggedInUser, plainAddress, type Plugin, Sdk } from 'sipxrest/sdk';
import { injectable } from 'tsyringe';
import { z } from 'zod';
import { Callback, type Pair } from './callback.js';

const settingsSchema = z.strictObject({
  /** Longest time that a callback waits for both users. */
  expirySeconds: z.int('seconds, an integer from 1 to 86400').min(1).max(86_400).default(1_800),
});

/** Limit of waiting callbacks: each holds two subscriptions and a timer. */
const MAX_WAITING = 1_000;
/** Time for which the outcome can be queried. */
const KEPT_MS = 600_000;

/**
 * Callback on busy. `POST /callback/{caller}/{callee}` connects the two users as soon as both are free, GET shows the state, DELETE cancels
 * the callback. A pair has one callback at a time.
 */
@injectable()
export default class CallbackPlugin implements Plugin {
  private readonly waiting = new Map<string, Callback>();
  private readonly settings: z.output<typeof settingsSchema>;

  constructor(
    private readonly sdk: Sdk,
    private readonly calls: CallControl,
  ) {
    this.settings = sdk.config(settingsSchema);
    const over = sdk.cache<Callback>('callbacks', { ttlMs: KEPT_MS });
    const find = (key: string): Callback | undefined => this.waiting.get(key) ?? over.get(key);

    sdk.routes.post('/:caller/:callee', async (ctx) => {
      const pair = await this.pairOf(ctx);
      const key = keyOf(pair);
      const known = this.waiting.get(key);
      if (!known && this.waiting.size >= MAX_WAITING)
        ctx.throw(503, 'Too many callbacks wait', { headers: { 'Retry-After': '60' } });
      const isFromOutside = loggedInUser(ctx, sdk.accounts) !== undefined;
      const callback = known ?? this.begin(key, pair, isFromOutside, (ended) => over.set(key, ended));
      ctx.status = known ? 200 : 202;
      ctx.body = callback.view();
    });
    sdk.routes.get('/:caller/:callee', async (ctx) => {
      ctx.body = (find(keyOf(await this.pairOf(ctx))) ?? ctx.throw(404, 'There is no such callback')).view();
    });
    sdk.routes.delete('/:caller/:callee', async (ctx) => {
      const callback = find(keyOf(await this.pairOf(ctx))) ?? ctx.throw(404, 'There is no such callback');
      callback.withdraw();
      ctx.body = callback.view();
    });
  }

  /** Users outside the cluster may only request callbacks for their own telephones. */
  agentOf(context: Context): string | undefined {
    return context.params.caller;
  }

  stop(): void {
    for (const callback of this.waiting.values()) callback.withdraw();
  }

  private begin(key: string, pair: Pair, isFromOutside: boolean, onOver: (ended: Callback) => void): Callback {
    const callback: Callback = new Callback(this.sdk, this.calls, {
      pair,
      expirySeconds: this.settings.expirySeconds,
      isFromOutside,
      onOver: () => {
        this.waiting.delete(key);
        onOver(callback);
      },
    });
    this.waiting.set(key, callback);
    return callback;
  }

  private async pairOf(ctx: Context): Promise<Pair> {
    const { caller, callee } = ctx.params as { caller: string; callee: string };
    // The call controller validates both parties and explains what is wrong.
    for (const { pointer, expected, found } of await this.calls.check({ caller, callee }))
      ctx.throw(400, `${pointer.slice(1)} must be ${expected}, found ${found}`);
    const account = findAccount(this.sdk.accounts, caller);
    if (!account?.hasSipCredentials) return ctx.throw(404, 'There is no such user');
    return { account, callee: findAccount(this.sdk.accounts, callee)?.identity ?? this.addressOf(callee) };
  }

  private addressOf(callee: string): string {
    const plain = plainAddress(callee);
    return plain.includes('@') ? plain : `${plain}@${this.sdk.sip.domain}`;
  }
}

function keyOf({ account, callee }: Pair): string {
  return `${account.identity} ${callee}`;
}
