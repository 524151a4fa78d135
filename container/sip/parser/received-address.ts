import { NameAddrHeader } from 'sip.js/lib/core/index.js';
import type { URI } from 'sip.js/lib/core/index.js';
import { flat } from './flat.js';
import { methodsOf } from './methods-of.js';
import { NO_PARAMETERS } from './received-uri.js';
import type { UriParameters } from './received-uri.js';
import { cutUri } from './uri.js';

/**
 * A name address whose URI, checked already, is made when somebody asks for it: of most addresses in a dialog only the
 * tag is ever looked at.
 */
export class ReceivedAddress extends methodsOf(NameAddrHeader) {
  override parameters: UriParameters;
  /** An accessor, which TypeScript does not allow in place of the property that sip.js declares. */
  declare uri: URI;
  readonly #text: string;
  readonly #uriStart: number;
  readonly #uriEnd: number;
  #uri: URI | undefined;

  static {
    Object.defineProperty(this.prototype, 'uri', {
      get(this: ReceivedAddress) {
        return (this.#uri ??= this.#cutUri());
      },
      set(this: ReceivedAddress, uri: URI) {
        this.#uri = uri;
      },
    });
  }

  /** @param text has the URI from `uriStart` to `uriEnd` */
  constructor(displayName: string, text: string, uriStart: number, uriEnd: number, parameters: UriParameters) {
    super();
    this['_displayName'] = displayName;
    this.#text = text;
    this.#uriStart = uriStart;
    this.#uriEnd = uriEnd;
    this.#uri = undefined;
    this.parameters = parameters;
  }

  #cutUri(): URI {
    const text = flat(this.#text.slice(this.#uriStart, this.#uriEnd));
    return cutUri(text, 0, text.length);
  }

  override setParam(key: string, value: string | number | null | undefined): void {
    if (this.parameters === NO_PARAMETERS) this.parameters = {};
    super.setParam(key, value);
  }
}
