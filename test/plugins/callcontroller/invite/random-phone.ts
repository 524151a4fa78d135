import type { Body } from '../../../../sdk/index.js';
import { type ScriptedLeg, type Sent, sdp } from './scripted-sip.js';

/** Something that a telephone may do now. */
export interface Deed {
  readonly name: string;
  /** How likely it is, in relation to the others; 1 by default. */
  readonly weight?: number;
  act(): void;
}

type Answer = readonly [status: number, as?: 'described' | 'likely'];

/** A request of the telephone's own. */
interface Asked {
  readonly method: string;
  readonly replies: readonly { readonly status: number }[];
}

/** What a phone wants of an offer: no more than one, one of the other side, media with keys, or without. */
export type Wish = 'anything' | 'offers' | 'keys' | 'noKeys';

const OVER: readonly Answer[] = [[481], [408]];

/** Does to a leg whatever a telephone, or the SIP stack in its place, may do in the state that the leg is in. */
export class RandomPhone {
  readonly asked: Asked[] = [];
  /** 2xx of the telephone's to an INVITE or re-INVITE, which are to be acknowledged. */
  accepted = 0;
  byesSent = 0;
  isAnswered = false;
  #port: number;

  /** @param number 0: the calling phone, 1: the called one; the others are targets, which leave more often */
  constructor(
    private readonly leg: ScriptedLeg,
    private readonly number: number,
    private readonly wish: Wish,
  ) {
    this.#port = 4_000 + 1_000 * number;
  }

  get byesGot(): number {
    return this.leg.methods.filter((method) => method === 'BYE').length;
  }

  get isOver(): boolean {
    return this.byesSent + this.byesGot > 0;
  }

  /** Requests of the controller that wait for an answer. */
  get pending(): Sent[] {
    return this.leg.requests.filter((sent) => sent.method !== 'CANCEL' && !sent.isAnswered);
  }

  get deeds(): Deed[] {
    const answers = this.pending.flatMap((sent) =>
      this.#answersTo(sent).map(([status, as]) => ({
        name: `${status}${as === 'described' ? ' with a description' : ''} to ${sent.method}`,
        weight: as ? 16 : 1,
        act: () => this.answer(sent, status, as === 'described' ? this.#describe() : undefined),
      })),
    );
    return [...answers, ...(this.isAnswered ? this.#requests() : [])];
  }

  answer(sent: Sent, status: number, body?: Body): void {
    const isInvite = sent.method === 'INVITE' || sent.method === 're-INVITE';
    if (isInvite && status >= 200 && status < 300) this.accepted += 1;
    if (sent.method === 'INVITE' && status < 300) this.isAnswered ||= status >= 200;
    sent.answer(status, { ...(body && { body }), ...(status === 408 && { local: true }) });
  }

  #answersTo(sent: Sent): readonly Answer[] {
    const described: Answer = [200, 'described'];
    const usual: readonly Answer[] = this.#refuses(sent.options.body) ? [[488, 'likely']] : [described, [488]];
    switch (sent.method) {
      case 'INVITE':
        return this.leg.methods.includes('CANCEL') ? [[487], described] : [[180], ...usual, [200], [486]];
      case 're-INVITE':
        if (sent.crosses) return [[491]];
        if (this.isOver) return OVER;
        return sent.isCancelled ? [[487], described] : [[180], ...usual, [200], [491], ...OVER];
      case 'BYE':
        return [[200], [408]];
      default:
        return this.isOver ? OVER : [[200], [501], ...OVER];
    }
  }

  #refuses(offer: Body | undefined): boolean {
    if (!offer) return this.wish === 'offers';
    const isKeyed = offer.content.includes('RTP/SAVP');
    return this.wish === 'keys' ? !isKeyed : this.wish === 'noKeys' && isKeyed;
  }

  #requests(): Deed[] {
    const bye = this.byesSent > 0 ? [] : [{ ...this.#ask('BYE'), weight: this.number > 1 ? 6 : 1 }];
    if (this.isOver) return bye;
    return [...bye, ...this.#changes(), this.#ask('UPDATE'), this.#ask('INFO')];
  }

  #changes(): Deed[] {
    if (this.leg.theirsAwaits === 'answer')
      return [{ name: 'takes its re-INVITE back', act: () => this.leg.cancelReinvite() }];
    if (this.leg.theirsAwaits === 'ACK')
      return [
        { name: 'acknowledges', act: () => this.leg.acknowledge() },
        { name: 'acknowledges with a description', weight: 8, act: () => this.leg.acknowledge(this.#describe()) },
        { name: 'does not acknowledge', act: () => this.leg.missAck() },
      ];
    if (this.leg.isChanging) return [];
    return [this.#ask('INVITE', true), this.#ask('INVITE'), this.#ask('UPDATE', true)];
  }

  #ask(method: string, isDescribed = false): Deed {
    return {
      name: `${method}${isDescribed ? ' with a description' : ''}`,
      act: () => {
        if (method === 'BYE') this.byesSent += 1;
        const body = isDescribed ? this.#describe() : undefined;
        this.asked.push({ method, replies: this.leg.ask(method, [], body) });
      },
    };
  }

  #describe(): Body {
    const protocol = this.wish === 'keys' ? 'RTP/SAVP' : 'RTP/AVP';
    return sdp(this.leg.remoteParty.slice(4, 7), (this.#port += 2), 'sendrecv', protocol);
  }
}

export function isAnswered(replies: Asked['replies']): boolean {
  return replies.some(({ status }) => status >= 200);
}
