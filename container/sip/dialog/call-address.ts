import { hostPort } from '../message/host-port.js';
import type { Protocol } from '../transport/transport.js';

/** Under which address a call is reached. */
export interface AddressOptions {
  /** User part of the Contact, and of the Request-URI of requests inside the call's dialogs. */
  readonly contactUser: string;
  /** The transport of its first message: the Contact names it. */
  readonly protocol: Protocol;
  /** The call is one of `sips:`, and so is its Contact (RFC 3261 section 8.1.1.8). */
  readonly isSecure: boolean;
}

/** What all calls of one address have in common. */
export interface CallAddress {
  readonly contact: string;
  /** Host and port as the Via names them. */
  readonly viaHost: string;
}

/** Addresses that are remembered; plugins have one or two each, unless they make up Contacts. */
const MAX_ADDRESSES = 100;

/** The addresses of calls on one host. */
export class CallAddresses {
  readonly #known = new Map<string, CallAddress>();
  /** The one that was asked for last: most calls have the same. */
  #last: { readonly options: AddressOptions; readonly address: CallAddress } | undefined;

  constructor(private readonly host: string) {}

  /** @param port the port that Via and Contact advertise for the protocol */
  get(options: AddressOptions, port: number): CallAddress {
    if (!this.#last || !isSame(this.#last.options, options)) {
      const { contactUser, protocol, isSecure } = options;
      this.#last = { options: { contactUser, protocol, isSecure }, address: this.#find(options, port) };
    }
    return this.#last.address;
  }

  #find(options: AddressOptions, port: number): CallAddress {
    const key = `${options.protocol} ${options.isSecure} ${options.contactUser}`;
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= MAX_ADDRESSES) this.#known.clear();
    const address = newAddress(options, this.host, port);
    this.#known.set(key, address);
    return address;
  }
}

function isSame(one: AddressOptions, other: AddressOptions): boolean {
  return one.contactUser === other.contactUser && one.protocol === other.protocol && one.isSecure === other.isSecure;
}

function newAddress({ contactUser, protocol, isSecure }: AddressOptions, host: string, port: number): CallAddress {
  const viaHost = hostPort(host, port);
  const transport = protocol !== 'UDP' && !isSecure ? `;transport=${protocol.toLowerCase()}` : '';
  const user = encodeURIComponent(decodeURIComponent(contactUser)).replace(/%(?:3A|2B|3F|2F)/g, decodeURIComponent);
  return { contact: `<${isSecure ? 'sips' : 'sip'}:${user}@${viaHost}${transport}>`, viaHost };
}
