import { readFile } from 'node:fs/promises';
import { SipStack } from '../../../container/sip/stack.js';
import type { TlsOptions } from '../../../container/sip/transport/transports.js';
import type { Invitation, OutgoingLeg } from '../../../sdk/index.js';
import { type Authority, createAuthority, type KeyPair } from '../../support/certificates.js';
import { type StreamMessage, StreamPeer, type StreamPeerOptions, textOf } from '../../support/stream-peer.js';
import { KeptLog, type Listener, SDP } from './rig.js';

/** Stacks that speak TLS too, and peers over TCP and TLS, which are all closed together. */
export class StreamCallRig {
  /** What is to be closed, oldest first. */
  readonly closers: (() => Promise<void>)[] = [];
  /** Log of the last stack. */
  log = new KeptLog();

  private constructor(
    private readonly authority: Authority,
    private readonly tls: TlsOptions,
  ) {}

  static async create(): Promise<StreamCallRig> {
    const authority = await createAuthority();
    const identity = { ...(await authority.issue('127.0.0.1')), ca: await readFile(authority.caFile, 'utf8') };
    return new StreamCallRig(authority, { port: 0, identity });
  }

  /** A key and a certificate that the stacks believe. */
  async keyPair(): Promise<KeyPair> {
    return await this.authority.issue('127.0.0.1');
  }

  async openPeer(options: StreamPeerOptions = {}): Promise<StreamPeer> {
    const peer = await StreamPeer.open(options);
    this.closers.push(() => peer.close());
    return peer;
  }

  async openStack(proxy: string, t1Ms = 100): Promise<SipStack> {
    this.log = new KeptLog();
    const stack = await SipStack.open({
      host: '127.0.0.1',
      port: 0,
      tls: this.tls,
      t1Ms,
      domain: 'example.com',
      proxy,
      log: this.log,
      secretOf: () => undefined,
    });
    this.closers.push(() => stack.close());
    return stack;
  }

  /** Closes what was opened. */
  async close(): Promise<void> {
    for (const close of this.closers.splice(0).toReversed()) await close();
  }

  async remove(): Promise<void> {
    await this.authority.remove();
  }
}

/** Places a call under a user part of its own. */
export function call(stack: SipStack, listener: Listener, invitation: Partial<Invitation> = {}): OutgoingLeg {
  const uri = 'sip:phone@example.com';
  const from = { uri: 'sip:agent@example.com' };
  const sip = stack.forPlugin(`controller${++calls}`, new KeptLog());
  return sip.invite({ uri, from, to: uri, body: SDP, ...invitation }, listener);
}

let calls = 0;

/** A request of the peer in the dialog that its answer to an INVITE made, or in none. */
export function inDialog(method: string, invite: StreamMessage | undefined, peer: StreamPeer): string {
  const contact = /<([^>]+)>/.exec(invite?.header('Contact') ?? '')?.[1] ?? 'sip:127.0.0.1';
  return textOf([
    `${method} ${contact} SIP/2.0`,
    `Via: SIP/2.0/${peer.transport} 127.0.0.1:${peer.port};branch=z9hG4bK${method}${peer.port}`,
    'Max-Forwards: 70',
    `From: ${invite?.header('To') ?? '<sip:peer@example.com>'};tag=peer`,
    `To: ${invite?.header('From') ?? '<sip:127.0.0.1>'}`,
    `Call-ID: ${invite?.header('Call-ID') ?? `${method}-${peer.port}`}`,
    `CSeq: 7 ${method}`,
  ]);
}
