import { injectable } from 'tsyringe';
import { keyOf } from '../call-key.js';
import { Calls, isLive } from '../calls.js';
import type { Action, CallParties, CallRequest } from '../http/call-request.js';
import type { KeptCall } from '../kept-call.js';
import { EMPTY_DOCUMENT } from '../refer/status-document.js';
import { keyOfUsers, SharedCalls } from './shared-calls.js';

interface Steer {
  readonly id: string;
  readonly action: Action;
  readonly target: string | undefined;
}

/** What the URLs of the service description show of calls and do with them, whichever node has them. */
@injectable()
export class Steering {
  constructor(
    private readonly calls: Calls,
    private readonly shared: SharedCalls,
  ) {
    shared.answer('steer', (data) => this.#steerOwn(this.calls.byId((data as Steer).id), data as Steer));
    shared.answer('document', (data) => this.calls.byId((data as Pick<Steer, 'id'>).id)?.document());
  }

  /** @throws HttpError 406 if there is no such call, or its state does not allow it; 503 if its node does not answer */
  async steer(request: CallRequest): Promise<void> {
    const { action, target } = request;
    await this.shared.whenAwake();
    const isElsewhere = this.shared.records !== undefined && !isLive(this.calls.of(request));
    const foreign = isElsewhere ? await this.shared.findByKey(keyOf(request)) : undefined;
    if (foreign?.isLive) {
      await this.shared.ask(foreign.owner, 'steer', { id: foreign.id, action, target } satisfies Steer);
      return;
    }
    // Asked for again: it may have come to this node while it was looked up.
    this.#steerOwn(this.calls.of(request), { action, target });
  }

  /** What GET shows. */
  async document(parties: Omit<CallParties, 'agent'> & { agent: string | undefined }): Promise<string> {
    const isElsewhere = this.shared.records !== undefined && !isLive(this.calls.find(parties));
    const foreign = isElsewhere ? await this.#find(parties).catch(() => undefined) : undefined;
    const own = this.calls.find(parties);
    if (!foreign || (own && own.record.id > foreign.id)) return own?.document() ?? EMPTY_DOCUMENT;
    const { id, owner, document = EMPTY_DOCUMENT } = foreign;
    if (!foreign.isLive) return document;
    const asked = await this.shared.ask(owner, 'document', { id }).catch(() => undefined);
    return typeof asked === 'string' ? asked : document;
  }

  async #find(
    parties: Omit<CallParties, 'agent'> & { agent: string | undefined },
  ): ReturnType<SharedCalls['findByKey']> {
    const { agent, calling } = parties;
    const own = await this.shared.findByKey(keyOf({ ...parties, agent: agent ?? calling }));
    return own || agent !== undefined ? own : this.shared.findByKey(keyOfUsers(parties));
  }

  #steerOwn(kept: KeptCall | undefined, { action, target }: Pick<Steer, 'action' | 'target'>): void {
    switch (action) {
      case 'Transfer':
        return this.calls.transfer(kept, target ?? '');
      case 'Hangup':
        return this.calls.hangUp(kept);
      case 'Hold':
        return this.calls.hold(kept);
      default:
        return this.calls.resume(kept);
    }
  }
}
