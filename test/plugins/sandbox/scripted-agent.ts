import type {
  Body,
  Header,
  IncomingLeg,
  IncomingRequest,
  Invitation,
  LegListener,
  OutgoingLeg,
  RequestOptions,
  SipMessage,
  SipResponse,
  Subscription,
  UserAgent,
} from '../../../sdk/index.js';

/** What a telephone did with a leg, one line each, for example `accept` or `NOTIFY SIP/2.0 180 Ringing`. */
export type Deeds = string[];

interface SentRequest {
  readonly method: string;
  readonly options: RequestOptions;
  readonly onResponse: ((response: SipResponse) => void) | undefined;
}

/** A leg whose network is the test. */
class ScriptedLeg {
  readonly callId = 'call1@127.0.0.1';
  readonly localTag = 'local';
  readonly remoteTag = 'remote';
  readonly remoteParty: string;
  readonly deeds: Deeds = [];
  readonly requests: SentRequest[] = [];
  listener: LegListener = {};

  constructor(
    readonly localParty: string,
    remoteParty: string,
  ) {
    this.remoteParty = remoteParty;
  }

  send(method: string, options: RequestOptions = {}, onResponse?: (response: SipResponse) => void): void {
    this.deeds.push(`${method} ${options.body?.content.trim() ?? ''}`.trim());
    this.requests.push({ method, options, onResponse });
  }

  bye(options?: RequestOptions, onResponse?: (response: SipResponse) => void): void {
    this.send('BYE', options, onResponse);
  }

  reinvite(options: RequestOptions, onResponse: (response: SipResponse) => void): () => void {
    this.send('INVITE', options, onResponse);
    return () => this.deeds.push('CANCEL');
  }

  ack(): void {
    this.deeds.push('ACK');
  }

  snapshot(): never {
    throw new Error('A telephone keeps its calls');
  }

  release(): void {
    this.deeds.push('release');
  }

  letGo(): void {
    this.deeds.push('let go');
  }

  /** Answers the newest request of the telephone. */
  respond(status: number): void {
    this.requests.at(-1)!.onResponse?.(response(status));
  }
}

export class ScriptedIncomingLeg extends ScriptedLeg implements IncomingLeg {
  readonly invite: IncomingRequest;

  constructor(offer?: Body) {
    super('sip:user1@example.com', 'sip:caller@example.com');
    this.invite = this.request('INVITE', [], offer);
  }

  progress(status: number): void {
    this.deeds.push(String(status));
  }

  accept(body: Body): void {
    this.deeds.push('accept');
    this.accepted = body;
  }

  reject(status: number): void {
    this.deeds.push(`reject ${status}`);
  }

  accepted: Body | undefined;

  /** A request from the caller; the telephone's reply is one of the deeds. */
  request(method: string, headers: readonly Header[] = [], body?: Body, cseq = 2): IncomingRequest {
    const reply = (status: number): number => this.deeds.push(`${status} to ${method}`);
    const party = { uri: 'sip:other@example.com', address: 'other@example.com', displayName: '' };
    return { ...message(method, headers, body, cseq), uri: 'sip:user1@127.0.0.1', from: party, to: party, reply };
  }
}

export class ScriptedOutgoingLeg extends ScriptedLeg implements OutgoingLeg {
  readonly sent = Promise.resolve();

  constructor(readonly invitation: Invitation) {
    super(invitation.from.uri, invitation.to);
  }

  inviteAgain(): void {
    this.deeds.push('INVITE');
  }

  cancel(): void {
    this.deeds.push('CANCEL');
  }

  /** The called party's answer. */
  answer(status: number, reason: string, final = status >= 200): void {
    this.listener.onResponse?.(response(status, reason, final));
  }
}

export class ScriptedAgent implements UserAgent {
  readonly host = '127.0.0.1';
  readonly port = 5070;
  readonly placed: ScriptedOutgoingLeg[] = [];
  private handler: (leg: IncomingLeg) => LegListener = () => ({});

  invite(invitation: Invitation, listener: LegListener): OutgoingLeg {
    if (invitation.uri.includes('_')) throw new Error('the stack cannot read this URI');
    const leg = new ScriptedOutgoingLeg(invitation);
    leg.listener = listener;
    this.placed.push(leg);
    return leg;
  }

  restore(): never {
    throw new Error('A telephone keeps its calls');
  }

  onInvite(handler: (leg: IncomingLeg) => LegListener): void {
    this.handler = handler;
  }

  request(): Promise<SipResponse> {
    throw new Error('A telephone sends no requests outside calls');
  }

  onMessage(): void {
    // no message ever comes
  }

  subscribe(): Subscription {
    throw new Error('A telephone subscribes to nothing');
  }

  ring(leg: ScriptedIncomingLeg): void {
    leg.listener = this.handler(leg);
  }
}

function response(status: number, reason = 'Whatever', final = status >= 200): SipResponse {
  return {
    ...message('INVITE', [], undefined, 1),
    status,
    reason,
    statusLine: `SIP/2.0 ${status} ${reason}`,
    final,
    local: false,
  };
}

function message(method: string, headers: readonly Header[], body: Body | undefined, cseq: number): SipMessage {
  const values = (name: string): string[] =>
    headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return {
    method,
    callId: 'call1@127.0.0.1',
    cseq,
    body,
    headerNames: headers.map(([name]) => name),
    headers: values,
    header: (name) => values(name)[0],
  };
}
