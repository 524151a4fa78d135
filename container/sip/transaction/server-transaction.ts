import type { RequestMessage } from '../message/parser/received-message.js';
import type { Delivery, Origin } from '../transport/transport.js';
import { INVITE_SERVER, type InviteServerState } from './invite-server-states.js';
import { Machine, type MachineOwner } from './machine.js';
import { REQUEST_SERVER, type RequestServerState } from './request-server-states.js';
import type { ServerEffect, ServerEvent } from './server-events.js';

export type ServerState = InviteServerState | RequestServerState;

/** Who answers the request. */
export interface ServerUser {
  /** The ACK of a 2xx that has the branch of the INVITE. */
  onAck?(ack: RequestMessage): void;
  /** The sender takes an INVITE back that has no final response yet (RFC 3261 section 9.2). */
  onCancel?(): void;
  /** Nothing more happens to the transaction. */
  onEnd?(): void;
}

/** Who keeps the transactions of a call. */
export interface ServerHost {
  /** Sends a response back to where its request came from. */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  /** Makes the 100 to a request. */
  trying(request: RequestMessage): string;
  onServerEnd(transaction: ServerTransaction): void;
}

/**
 * A server transaction (RFC 3261 section 17.2): one request that came, and its responses, which go back to where the request came from.
 * `INVITE_SERVER` and `REQUEST_SERVER` say what happens.
 */
export class ServerTransaction implements MachineOwner<ServerEffect> {
  /** Names it inside its call. */
  readonly key: string;
  readonly #machine: Machine<ServerState, ServerEvent, ServerEffect>;
  #response = '';
  /** What the user wants to send now. */
  #given = '';
  #ack: RequestMessage | undefined;

  constructor(
    readonly request: RequestMessage,
    private readonly source: Origin,
    private readonly host: ServerHost,
    readonly user: ServerUser,
  ) {
    const isInvite = request.method === 'INVITE';
    this.key = request.viaBranch;
    this.#machine = new Machine<ServerState, ServerEvent, ServerEffect>(
      isInvite ? INVITE_SERVER : REQUEST_SERVER,
      isInvite ? 'proceeding' : 'trying',
      this,
    );
    this.#machine.sent(source.transport !== 'UDP');
  }

  get state(): ServerState {
    return this.#machine.state;
  }

  /** There was no final response yet. */
  get isOpen(): boolean {
    return this.state === 'trying' || this.state === 'proceeding';
  }

  get isRetransmitting(): boolean {
    return this.#machine.isRetransmitting;
  }

  /** The last response; empty where there is none. */
  get response(): string {
    return this.#response;
  }

  /** The request has come again. */
  receiveCopy(): void {
    this.#machine.step('request again');
  }

  receiveAck(ack: RequestMessage): void {
    this.#ack = ack;
    this.#machine.step('ACK');
    this.#ack = undefined;
  }

  /** Sends a response, unless the state does not allow it any more, or not yet. */
  send(status: number, response: string): void {
    this.#given = response;
    this.#machine.step(eventOf(status));
    this.#given = '';
  }

  /** Ends it before its time, without a word to the other side. */
  end(): void {
    this.#machine.end();
    this.user.onEnd?.();
  }

  onTerminated(): void {
    this.host.onServerEnd(this);
    this.user.onEnd?.();
  }

  perform(effect: ServerEffect): void {
    if (effect === 'send') this.#transmit(this.#given);
    else if (effect === 'send 100') this.#transmit(this.host.trying(this.request));
    else if (effect === 'repeat' && this.#response !== '') this.#transmit(this.#response, true);
    else if (effect === 'pass' && this.#ack) this.user.onAck?.(this.#ack);
    // What was not delivered comes to light by itself: no ACK comes, or the request comes again.
  }

  #transmit(response: string, isCopy = false): void {
    this.#response = response;
    this.host.sendResponse(response, this.source, {
      isCopy,
      onSent: () => undefined,
      onUnsent: () => queueMicrotask(() => this.#machine.step('transport error')),
    });
  }
}

function eventOf(status: number): ServerEvent {
  if (status === 100) return 'send 100';
  if (status === 408) return 'send 408';
  if (status < 200) return 'send 101-199';
  return status < 300 ? 'send 2xx' : 'send 300-699';
}
