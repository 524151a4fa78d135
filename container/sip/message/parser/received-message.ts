import { IncomingRequestMessage, IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import type { IncomingMessage, URI } from 'sip.js/lib/core/index.js';
import { HeaderField, HeaderFields } from './header-fields.js';
import type { Headers } from './header-fields.js';
import { canonicalName } from './header-names.js';
import type { HeaderValue } from './header-values.js';
import { methodsOf } from './methods-of.js';

interface WithFields {
  readonly fields: HeaderFields;
}

/** A kind of message of which no header is ever given to sip.js's grammar. */
function received<Message extends IncomingMessage>(kind: {
  readonly prototype: Message;
}): new (data: string) => Message & WithFields {
  class Received extends methodsOf<IncomingMessage>(kind) implements WithFields {
    /** An accessor, which TypeScript does not allow in place of the property that sip.js declares. */
    declare readonly headers: Headers;
    override data: string;
    override body = '';
    readonly fields = new HeaderFields();

    static {
      Object.defineProperty(this.prototype, 'headers', {
        get(this: Received) {
          return this.fields.byName();
        },
      });
    }

    constructor(data: string) {
      super();
      this.data = data;
    }

    /** Typed value of a header field. Undefined where it is not there, has no typed value, or cannot be read. */
    override parseHeader(name: string, index = 0): HeaderValue {
      return this.fields.typed(name, index);
    }

    override getHeader(name: string): string | undefined {
      return this.fields.text(name);
    }

    override getHeaders(name: string): string[] {
      return this.fields.texts(name);
    }

    override hasHeader(name: string): boolean {
      return this.fields.text(name) !== undefined;
    }

    override addHeader(name: string, value: string): void {
      this.fields.add(new HeaderField(canonicalName(name), value, undefined));
    }

    override setHeader(name: string, value: string): void {
      this.fields.set(name, value);
    }
  }
  return Received as unknown as new (data: string) => Message & WithFields;
}

export class ReceivedRequest extends received(IncomingRequestMessage) {
  override method: string;
  override ruri: URI | undefined = undefined;

  constructor(data: string, method: string) {
    super(data);
    this.method = method;
  }
}

export class ReceivedResponse extends received(IncomingResponseMessage) {
  override statusCode: number;
  override reasonPhrase: string;

  constructor(data: string, statusCode: number, reasonPhrase: string) {
    super(data);
    this.statusCode = statusCode;
    this.reasonPhrase = reasonPhrase;
  }
}

export type ReceivedMessage = ReceivedRequest | ReceivedResponse;
