import {
  type IncomingRequestMessage,
  type IncomingResponseMessage,
  LoggerFactory,
  NotifyUserAgentServer,
  type OutgoingRequestMessage,
  TransactionState,
  URI,
  UserAgentCore,
  type UserAgentCoreDelegate,
} from 'sip.js/lib/core/index.js';
import { newBranchSalt } from './identifiers.js';
import { hostPort } from './next-hop.js';
import { OutgoingRequest } from './outgoing-request.js';
import { Retransmissions } from './retransmissions.js';
import { transactionTimeoutMs } from './timers.js';

/** What a call needs of the socket it runs over. */
export interface CallTransport {
  readonly host: string;
  readonly port: number;
  /** Sends one message to its next hop. */
  send(message: string): Promise<void>;
  /** The call's core has ended: no message is passed to it any more. */
  forget(core: CallCore): void;
}

export interface CallCoreOptions {
  readonly callId: string;
  /** User part of the Contact, and of the Request-URI of requests inside the call's dialogs. */
  readonly contactUser: string;
  readonly displayName: string;
}

/** The subscription that a REFER of ours made (RFC 3515): it outlives the dialog's BYE (RFC 5057 section 4.1). */
interface Subscription {
  readonly localTag: string;
  readonly remoteTag: string;
  readonly onNotify: (notify: NotifyUserAgentServer) => void;
  lastCseq: number;
}

/** sip.js prints nothing by itself: what matters is recorded or logged by the call's owner. */
const silent = new LoggerFactory();
silent.builtinEnabled = false;

/**
 * sip.js's transactions and dialogs of one call, with what they lack over UDP: retransmissions, branches that are unique, and a
 * life that ends. It is found by its Call-ID, and goes on for 64*T1 after its owner has released it.
 */
export class CallCore extends UserAgentCore {
  readonly callId: string;
  readonly contact: string;
  readonly retransmissions = new Retransmissions();
  readonly #branchSalt = newBranchSalt();
  readonly #transport: CallTransport;
  #subscription: Subscription | undefined;
  #firstSend: Promise<void> | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: CallCoreOptions, transport: CallTransport, delegate?: UserAgentCoreDelegate) {
    const host = transport.host.includes(':') ? `[${transport.host}]` : transport.host;
    const uri = new URI('sip', options.contactUser, host, transport.port);
    const contact = `<${uri.toString()}>`;
    const viaHost = hostPort(transport.host, transport.port);
    const accessor = { protocol: 'UDP', send: (text: string) => this.#send(text) };
    super(
      {
        aor: uri,
        contact: { uri, pubGruu: undefined, tempGruu: undefined, toString: () => contact },
        displayName: options.displayName,
        loggerFactory: silent,
        hackViaTcp: false,
        routeSet: [],
        sipjsId: '',
        supportedOptionTags: [],
        supportedOptionTagsResponse: [],
        userAgentHeaderFieldValue: undefined,
        viaForceRport: true,
        viaHost,
        authenticationFactory: () => undefined,
        transportAccessor: () => accessor,
      },
      delegate,
    );
    this.callId = options.callId;
    this.contact = contact;
    this.#transport = transport;
  }
  /** Settles as the first message that was sent did. */
  get sent(): Promise<void> {
    return this.#firstSend ?? Promise.resolve();
  }

  override makeOutgoingRequestMessage(
    ...[method, requestUri, from, to, options, extraHeaders, body]: Parameters<
      UserAgentCore['makeOutgoingRequestMessage']
    >
  ): OutgoingRequestMessage {
    const { displayName, viaHost } = this.configuration;
    const named = { fromDisplayName: displayName, ...options };
    return new OutgoingRequest(this.#branchSalt, viaHost, method, requestUri, from, to, named, extraHeaders, body);
  }

  /** Passes NOTIFYs of a REFER's subscription to `onNotify`, whether their dialog still lives or not. */
  expectNotify(localTag: string, remoteTag: string, onNotify: (notify: NotifyUserAgentServer) => void): void {
    this.#subscription = { localTag, remoteTag, onNotify, lastCseq: -1 };
  }

  override receiveIncomingRequestFromTransport(request: IncomingRequestMessage): void {
    if (request.method === 'ACK') this.retransmissions.stop(finalResponseKey(request.viaBranch));
    const subscription = this.#subscriptionOf(request);
    if (subscription && !this.userAgentServers.has(request.viaBranch)) this.#receiveNotify(subscription, request);
    else super.receiveIncomingRequestFromTransport(request);
  }

  override receiveIncomingResponseFromTransport(response: IncomingResponseMessage): void {
    const { viaBranch, method } = response;
    if (!viaBranch.endsWith(this.#branchSalt)) return;
    const isFinal = (response.statusCode ?? 0) >= 200;
    if (isFinal || method === 'INVITE') this.retransmissions.stop(requestKey(viaBranch, method));
    else this.retransmissions.slowDown(requestKey(viaBranch, method));
    response.viaBranch = viaBranch.slice(0, -this.#branchSalt.length);
    super.receiveIncomingResponseFromTransport(response);
  }

  /** The owner is done: late retransmissions are answered for 64*T1, then everything of the call is gone. */
  release(): void {
    this.#linger ??= setTimeout(() => this.dispose(), transactionTimeoutMs());
  }

  override dispose(): void {
    clearTimeout(this.#linger);
    super.dispose();
    this.retransmissions.stopAll();
    this.#subscription = undefined;
    this.#transport.forget(this);
  }

  #subscriptionOf(request: IncomingRequestMessage): Subscription | undefined {
    const subscription = this.#subscription;
    if (!subscription || request.method !== 'NOTIFY') return undefined;
    const matches = request.toTag === subscription.localTag && request.fromTag === subscription.remoteTag;
    const event = request.getHeader('event')?.split(';', 1)[0]?.trim().toLowerCase();
    return matches && event === 'refer' ? subscription : undefined;
  }

  #receiveNotify(subscription: Subscription, request: IncomingRequestMessage): void {
    const notify = new NotifyUserAgentServer(this, request);
    if (request.cseq <= subscription.lastCseq) {
      notify.reject({ statusCode: 500 }); // out of order: RFC 3261 section 12.2.2
      return;
    }
    subscription.lastCseq = request.cseq;
    subscription.onNotify(notify);
  }

  #send(text: string): Promise<void> {
    const message = text.replace('\r\nSupported: \r\n', '\r\n');
    const sending = this.#transport.send(message);
    this.#firstSend ??= sending;
    const key = this.#retransmitted(message);
    if (key === undefined) return sending;
    const growth = message.startsWith('INVITE ') ? 'unlimited' : 'upToT2';
    this.retransmissions.start(key, () => void this.#transport.send(message).catch(() => undefined), growth);
    return sending.catch((error: unknown) => {
      this.retransmissions.stop(key);
      throw error;
    });
  }

  /** The key under which a message is sent again until it is answered; undefined for one that is sent once. */
  #retransmitted(message: string): string | undefined {
    const branch = /;branch=([^;,\s]+)/.exec(message)?.[1] ?? '';
    if (!message.startsWith('SIP/2.0 ')) {
      const method = message.slice(0, message.indexOf(' '));
      return method === 'ACK' ? undefined : requestKey(branch, method);
    }
    const transaction = this.userAgentServers.get(branch)?.transaction;
    const isRefusedInvite = transaction?.kind === 'ist' && transaction.state === TransactionState.Completed;
    return isRefusedInvite ? finalResponseKey(branch) : undefined;
  }
}

function requestKey(branch: string, method: string): string {
  return `${branch} ${method}`;
}

function finalResponseKey(branch: string): string {
  return `${branch} final response`;
}
