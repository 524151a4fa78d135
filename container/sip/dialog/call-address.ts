import { hostPort } from '../message/host-port.js';
import type { Protocol } from '../transport/transport.js';

/** Where a call can be reached. */
export interface AddressOptions {
  /** User part of the Contact, and of the Request-URI of requests inside the call's dialogs. */
  readonly contactUser: string;
  /** The transport of its first message, named in the Contact. */
  readonly protocol: Protocol;
  /** Whether the call uses `sips:`; then so does its Contact (RFC 3261 section 8.1.1.8). */
  readonly isSecure: boolean;
}

/** What all calls at one address have in common. */
export interface CallAddress {
  readonly contact: string;
  /** Host and port in the Via. */
  readonly viaHost: string;
}

/** Size of the cache: plugins have one or two addresses each, unless they make up Contacts. */
const MAX_ADDRESSES = 100;

/** The addresses of calls on one host. */
export class CallAddresses {
  readonly #known = new Map<string, CallAddress>();
  /** The last result: most calls have the same. */
  #last: { readonly options: AddressOptions; readonly address: CallAddress } | undefined;

  constructor(private readonly host: string) {}

  /** @param port that Via and Contact advertise for the protocol */
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
