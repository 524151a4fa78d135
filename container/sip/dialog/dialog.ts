import type { MessageBody, ResponseOptions } from '../message/response.js';
import type { RequestMessage, ResponseMessage } from '../message/parser/received-message.js';
import { Address } from '../message/parser/address.js';
import type { Uri } from '../message/uri.js';
import type { DialogSnapshot } from '../../../sdk/index.js';
import type { OutgoingRequest } from '../message/outgoing-request.js';
import type { Origin } from '../transport/transport.js';
import type { RequestServerHost } from './request-server.js';

/** The state of a dialog (RFC 3261 section 12). */
export interface DialogState {
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: Uri;
  readonly remoteUri: Uri;
  readonly remoteTarget: Uri;
  readonly routeSet: readonly string[];
  /** CSeq of our last request; 0 if there was none. */
  readonly localCseq: number;
  /** CSeq of the last received request; undefined if there was none. */
  readonly remoteCseq: number | undefined;
}

export interface RequestTarget {
  readonly cseq: number;
  readonly toTag?: string | undefined;
  readonly routeSet?: readonly string[];
}

/** The call that a dialog belongs to. */
export interface DialogHost extends RequestServerHost {
  /** Whether the call uses `sips:`. */
  readonly isSecure: boolean;
  addDialog(dialog: Dialog): void;
  removeDialog(dialog: Dialog): void;
  makeOutgoingRequestMessage(
    method: string,
    requestUri: Uri,
    from: Uri,
    to: Uri,
    target: RequestTarget,
    extraHeaders?: string[],
    body?: MessageBody,
  ): OutgoingRequest;
  replyStateless(request: RequestMessage, options: ResponseOptions, source: Origin): void;
}

export interface DialogRequestOptions {
  readonly extraHeaders?: string[] | undefined;
  readonly body?: MessageBody | undefined;
  /** By default the next one. An ACK has the CSeq of its INVITE. */
  readonly cseq?: number;
}

/** A dialog: makes requests, and checks the order of received ones. */
export abstract class Dialog {
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #localUri: Uri;
  readonly #remoteUri: Uri;
  #remoteTarget: Uri;
  #routeSet: readonly string[];
  #localCseq: number;
  #remoteCseq: number | undefined;

  constructor(
    protected readonly host: DialogHost,
    state: DialogState,
  ) {
    this.localTag = state.localTag;
    this.remoteTag = state.remoteTag;
    this.#localUri = state.localUri;
    this.#remoteUri = state.remoteUri;
    this.#remoteTarget = state.remoteTarget;
    this.#routeSet = state.routeSet;
    this.#localCseq = state.localCseq;
    this.#remoteCseq = state.remoteCseq;
    host.addDialog(this);
  }

  get remoteTarget(): Uri {
    return this.#remoteTarget;
  }

  get routeSet(): readonly string[] {
    return this.#routeSet;
  }

  get localCseq(): number {
    return this.#localCseq;
  }

  snapshot(): DialogSnapshot {
    const remoteCseq = this.#remoteCseq;
    return {
      callId: this.host.callId,
      localTag: this.localTag,
      remoteTag: this.remoteTag,
      localUri: this.#localUri.toString(),
      remoteUri: this.#remoteUri.toString(),
      remoteTarget: this.#remoteTarget.toRaw(),
      routeSet: this.#routeSet,
      localCseq: this.#localCseq,
      ...(remoteCseq !== undefined && { remoteCseq }),
      isSecure: this.host.isSecure,
    };
  }

  /** Takes a request in the dialog. */
  abstract receiveRequest(request: RequestMessage, source: Origin): void;

  /** Whether a request belongs to this dialog (RFC 3261 section 12.2.2). */
  owns({ toTag, fromTag }: RequestMessage): boolean {
    return toTag === this.localTag && fromTag === this.remoteTag;
  }

  /** Takes the next CSeq for a request of ours. */
  nextCseq(): number {
    this.#localCseq += 1;
    return this.#localCseq;
  }

  /** Makes a request in the dialog (RFC 3261 section 12.2.1.1, loose routing). */
  createRequest(method: string, { extraHeaders, body, cseq = this.nextCseq() }: DialogRequestOptions): OutgoingRequest {
    const target = { cseq, toTag: this.remoteTag, routeSet: this.#routeSet };
    return this.host.makeOutgoingRequestMessage(
      method,
      this.#remoteTarget,
      this.#localUri,
      this.#remoteUri,
      target,
      extraHeaders,
      body,
    );
  }

  /** Takes the Contact of a message that refreshes the remote target, if it has one (RFC 3261 sections 12.2.1.2 and 12.2.2). */
  refreshTarget(message: RequestMessage | ResponseMessage): void {
    const target = reachableContact(message);
    if (target) this.#remoteTarget = target;
  }

  /** Ends the dialog: no message belongs to it any more. */
  dispose(): void {
    this.host.removeDialog(this);
  }

  protected takeRouteSet(routeSet: readonly string[]): void {
    this.#routeSet = routeSet;
  }

  /** Whether a request is in order; answers 500 otherwise (RFC 3261 section 12.2.2). */
  protected isInOrder(request: RequestMessage, source: Origin): boolean {
    if (this.#remoteCseq !== undefined && request.cseq <= this.#remoteCseq) {
      this.host.replyStateless(request, { statusCode: 500 }, source);
      return false;
    }
    this.#remoteCseq = request.cseq;
    return true;
  }
}

/**
 * The dialog that a response to our request makes (RFC 3261 section 12.1.2). RFC 3261 requires a Contact in every such response. Some
 * telephones omit it, or send an unusable one. Then requests in the dialog go to the Request-URI of the first, so that the dialog can at
 * least be ended.
 */
export function clientDialogState(request: OutgoingRequest, response: ResponseMessage): DialogState {
  const target = reachableContact(response);
  const recorded = response.getHeaders('Record-Route').toReversed();
  return {
    localTag: request.fromTag,
    remoteTag: response.toTag,
    localUri: request.fromUri,
    remoteUri: request.toUri,
    remoteTarget: target ?? request.ruri,
    routeSet: target || recorded.length > 0 ? recorded : request.routeSet,
    localCseq: request.cseq,
    remoteCseq: undefined,
  };
}

/** The dialog that our response to a request makes (RFC 3261 section 12.1.1). @throws Error if the request has no Contact */
export function serverDialogState(request: RequestMessage, localTag: string): DialogState {
  return {
    localTag,
    remoteTag: request.fromTag,
    localUri: request.to.uri,
    remoteUri: request.from.uri,
    remoteTarget: contactOf(request),
    routeSet: request.getHeaders('Record-Route'),
    localCseq: 0,
    remoteCseq: request.cseq,
  };
}

/** The URI of the Contact, if requests can be sent there: a `tel:` URI names no server. */
function reachableContact(message: RequestMessage | ResponseMessage): Uri | undefined {
  const contact = message.parseHeader('Contact');
  return contact instanceof Address && contact.uri.host !== '' ? contact.uri : undefined;
}

export function contactOf(message: RequestMessage | ResponseMessage): Uri {
  const contact = message.parseHeader('Contact');
  if (!(contact instanceof Address)) throw new Error('The message has no Contact');
  return contact.uri;
}
