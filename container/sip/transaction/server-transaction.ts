import type { RequestMessage } from '../message/parser/received-message.js';
import type { Delivery, Origin } from '../transport/transport.js';
import { INVITE_SERVER, type InviteServerState } from './invite-server-states.js';
import { Machine, type MachineOwner } from './machine.js';
import { REQUEST_SERVER, type RequestServerState } from './request-server-states.js';
import type { ServerEffect, ServerEvent } from './server-events.js';

export type ServerState = InviteServerState | RequestServerState;

/** The transaction user (TU): answers the request. */
export interface ServerUser {
  /** An ACK of a 2xx came with the branch of the INVITE. */
  onAck?(ack: RequestMessage): void;
  /** A CANCEL came before the final response to an INVITE (RFC 3261 section 9.2). */
  onCancel?(): void;
  /** The transaction has terminated. */
  onEnd?(): void;
}

/** Keeps the transactions of a call. */
export interface ServerHost {
  /** Sends a response back to where its request came from. */
  sendResponse(response: string, source: Origin, delivery?: Delivery): void;
  /** Prints the 100 for a request. */
  trying(request: RequestMessage): string;
  onServerEnd(transaction: ServerTransaction): void;
}

/**
 * A server transaction (RFC 3261 section 17.2): one received request, and its responses, which go back to where the request came from.
 * `INVITE_SERVER` and `REQUEST_SERVER` are its state tables.
 */
export class ServerTransaction implements MachineOwner<ServerEffect> {
  /** Its key inside the call. */
  readonly key: string;
  readonly #machine: Machine<ServerState, ServerEvent, ServerEffect>;
  #response = '';
  /** The response that the user sends now. */
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

  /** Whether the final response is still to come. */
  get isOpen(): boolean {
    return this.state === 'trying' || this.state === 'proceeding';
  }

  get isRetransmitting(): boolean {
    return this.#machine.isRetransmitting;
  }

  /** The last response; empty if there is none. */
  get response(): string {
    return this.#response;
  }

  /** The request was received again. */
  receiveCopy(): void {
    this.#machine.step('request again');
  }

  receiveAck(ack: RequestMessage): void {
    this.#ack = ack;
    this.#machine.step('ACK');
    this.#ack = undefined;
  }

  /** Sends a response if the state allows it. */
  send(status: number, response: string): void {
    this.#given = response;
    this.#machine.step(eventOf(status));
    this.#given = '';
  }

  /** Terminates at once, without telling the other side. */
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
    // A lost response shows without our help: no ACK comes, or the request comes again.
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
