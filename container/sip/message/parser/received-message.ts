import type { Uri } from '../uri.js';
import type { Address } from './address.js';
import { HeaderField, HeaderFields } from './header-fields.js';
import { canonicalName } from './header-names.js';
import type { HeaderValue } from './header-values.js';
import type { EventValue, SubscriptionState } from './values.js';
import type { Via } from './via.js';

/** Names of header fields whose values are of one type. */
interface TypedValues {
  readonly Via: Via;
  readonly Contact: Address;
  readonly Event: EventValue;
  readonly 'Subscription-State': SubscriptionState;
}

type ValueOf<Name extends string> = Name extends keyof TypedValues ? TypedValues[Name] | undefined : HeaderValue;

/** A received message. */
abstract class MessageInParts {
  readonly fields = new HeaderFields();
  body = '';
  callId = '';
  cseq = 0;
  /** Branch of the top Via; in a request, the key of its server transaction. */
  viaBranch = '';
  /** Empty if there is none: the null tag of RFC 3261 section 12.1.1. */
  fromTag = '';
  toTag = '';
  /** Missing only in a request that was refused for that. */
  from!: Address;
  to!: Address;

  constructor(
    /** The text of the message. */
    readonly data: string,
    public method: string,
  ) {}

  /** Names of all header fields, canonical. */
  get headerNames(): string[] {
    return this.fields.names();
  }

  /** Typed value of a header field; undefined if the field is missing, has no typed value, or cannot be read. */
  parseHeader<Name extends string>(name: Name, index = 0): ValueOf<Name> {
    return this.fields.typed(name, index) as ValueOf<Name>;
  }

  getHeader(name: string): string | undefined {
    return this.fields.text(name);
  }

  getHeaders(name: string): string[] {
    return this.fields.texts(name);
  }

  hasHeader(name: string): boolean {
    return this.fields.text(name) !== undefined;
  }

  addHeader(name: string, value: string): void {
    this.fields.add(new HeaderField(canonicalName(name), value, undefined));
  }

  setHeader(name: string, value: string): void {
    this.fields.set(name, value);
  }
}

export class RequestMessage extends MessageInParts {
  /** Undefined if it cannot be read. */
  ruri: Uri | undefined;
}

export class ResponseMessage extends MessageInParts {
  constructor(
    data: string,
    readonly statusCode: number,
    readonly reasonPhrase: string,
  ) {
    super(data, '');
  }
}

export type ReceivedMessage = RequestMessage | ResponseMessage;
