import type { Context } from 'koa';
import {
  type Account,
  type Accounts,
  type CallControl,
  CallError,
  type CallInfo,
  loggedInUser,
} from '../../../sdk/index.js';

/** Who may see and control which calls: inside everybody all calls, outside a user those whose agent the user is. */
export class Access {
  constructor(
    private readonly accounts: Accounts,
    private readonly calls: CallControl,
  ) {}

  /** Undefined inside, where nobody logs in. */
  userOf(context: Context): Account | undefined {
    return loggedInUser(context, this.accounts);
  }

  /**
   * The agent of a call that is to be placed, as the call controller is to be told.
   * @throws CallError 403 when that is not the user who logged in
   */
  agentOf(
    context: Context,
    { agent, caller }: { readonly agent?: string | undefined; readonly caller: string },
  ): string | undefined {
    const user = this.userOf(context);
    if (!user) return agent;
    if (this.accounts.find(agent ?? caller)?.userName !== user.userName)
      throw new CallError(403, 'not-the-agent', `${user.userName} may not place calls on behalf of others: name agent`);
    // The user's name in the directory: a name that two sides read could be read in two ways.
    return user.userName;
  }

  /** @throws CallError 404 when there is no such call, or it is somebody else's */
  async call(context: Context, id: string): Promise<CallInfo> {
    const call = await this.calls.find(id);
    if (!call || !this.isOwn(this.userOf(context), call))
      throw new CallError(404, 'no-such-call', 'There is no such call');
    return call;
  }

  /** Whether a user sees a call. */
  isOwn(user: Account | undefined, { agent }: Pick<CallInfo, 'agent'>): boolean {
    return user === undefined || user.identity === agent;
  }
}
