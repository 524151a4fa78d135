import type { ResponseMessage } from '../message/parser/received-message.js';
import type { Destination } from '../location/destination.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { ClientEffect, ClientEvent } from './client-events.js';
import { type ClientTransport, type DeliveryUser, RequestDelivery, sendAck } from './delivery.js';
import { INVITE_CLIENT, type InviteClientState } from './invite-client-states.js';
import { Machine, type MachineOwner } from './machine.js';
import type { ClientKey } from './matching.js';
import { REQUEST_CLIENT, type RequestClientState } from './request-client-states.js';

export type ClientState = InviteClientState | RequestClientState;

/** The transaction user (TU): sends the request. */
export interface ClientUser {
  /** Gets every response, except copies of a refusal and copies of the final response to a request other than INVITE. */
  receive(response: ResponseMessage): void;
  /** No final response came in 64*T1. */
  onTimeout(): void;
  /** The request could not be delivered. */
  onFailure(): void;
}

/** Keeps the transactions of a call. */
export interface ClientHost extends ClientTransport {
  /** A refusal was acknowledged with this ACK. */
  onAcknowledged(ack: string, response: ResponseMessage, destination: Destination): void;
  /** The transaction has terminated. */
  onClientEnd(transaction: ClientTransaction): void;
}

/**
 * A client transaction (RFC 3261 section 17.1): one request, printed once, and its destination, to which its CANCEL and the ACK of a
 * refusal go, too. `INVITE_CLIENT` and `REQUEST_CLIENT` are its state tables.
 */
export class ClientTransaction implements ClientKey, MachineOwner<ClientEffect>, DeliveryUser {
  readonly method: string;
  readonly #machine: Machine<ClientState, ClientEvent, ClientEffect>;
  readonly #delivery: RequestDelivery;
  #response: ResponseMessage | undefined;
  #isQuiet = false;

  /**
   * Sends the request.
   * @param branch the branch of its Via
   */
  constructor(
    readonly request: OutgoingRequest,
    readonly branch: string,
    readonly destination: Destination,
    private readonly host: ClientHost,
    private readonly user: ClientUser,
  ) {
    const isInvite = request.method === 'INVITE';
    this.method = request.method;
    this.#machine = new Machine<ClientState, ClientEvent, ClientEffect>(
      isInvite ? INVITE_CLIENT : REQUEST_CLIENT,
      isInvite ? 'calling' : 'trying',
      this,
    );
    this.#delivery = new RequestDelivery(request.print(branch), destination, host, this);
    this.#delivery.send();
  }

  get state(): ClientState {
    return this.#machine.state;
  }

  /** Settles when the request was sent, or is no longer wanted. */
  get sent(): Promise<void> {
    return this.#delivery.sent;
  }

  get isRetransmitting(): boolean {
    return this.#machine.isRetransmitting;
  }

  /** Whether the final response is still to come. */
  get isOpen(): boolean {
    return this.state === 'calling' || this.state === 'trying' || this.state === 'proceeding';
  }

  receive(response: ResponseMessage): void {
    const status = response.statusCode ?? 0;
    if (status >= 200) this.#delivery.stop();
    else this.#delivery.heard(this.#machine.isRetransmitting);
    if (status !== 503) this.destination.answered();
    this.#response = response;
    this.#machine.step(eventOf(status));
    this.#response = undefined;
  }

  /** Stops retransmitting the request, which may still be answered. */
  stopSending(): void {
    this.#isQuiet = true;
    this.#delivery.stop();
  }

  /** Terminates at once, without telling anybody. */
  end(): void {
    this.#machine.end();
    this.#delivery.stop();
  }

  onSent(isReliable: boolean): void {
    this.#machine.sent(isReliable);
  }

  onFailure(): void {
    this.#machine.step('transport error');
  }

  onTerminated(): void {
    this.#delivery.stop();
    this.host.onClientEnd(this);
  }

  perform(effect: ClientEffect): void {
    const response = this.#response;
    if (effect === 'send') this.#repeat();
    else if (effect === 'tell of timeout') this.user.onTimeout();
    else if (effect === 'tell of failure') this.user.onFailure();
    else if (effect === 'pass' && response) this.user.receive(response);
    else if (effect === 'acknowledge' && response) this.#acknowledge(response);
  }

  #repeat(): void {
    if (!this.#isQuiet) this.#delivery.repeat();
  }

  #acknowledge(response: ResponseMessage): void {
    const ack = this.request.printRefusalAck(this.branch, response.getHeader('to') ?? '');
    this.host.onAcknowledged(ack, response, this.destination);
    sendAck(ack, this.destination, this.host);
  }
}

function eventOf(status: number): ClientEvent {
  if (status < 200) return '1xx';
  return status < 300 ? '2xx' : '300-699';
}
