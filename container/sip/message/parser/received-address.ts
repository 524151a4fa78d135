import { NameAddrHeader } from 'sip.js/lib/core/index.js';
import type { URI } from 'sip.js/lib/core/index.js';
import { flat } from './flat.js';
import { methodsOf } from './methods-of.js';
import { reading } from './reading.js';
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
  readonly #uriText: string;
  #uri: URI | undefined;

  static {
    Object.defineProperty(this.prototype, 'uri', {
      get(this: ReceivedAddress) {
        return (this.#uri ??= reading(flat(this.#uriText), cutUri));
      },
      set(this: ReceivedAddress, uri: URI) {
        this.#uri = uri;
      },
    });
  }

  constructor(displayName: string, uriText: string, parameters: UriParameters) {
    super();
    this['_displayName'] = displayName;
    this.#uriText = uriText;
    this.#uri = undefined;
    this.parameters = parameters;
  }

  override setParam(key: string, value: string | number | null | undefined): void {
    if (this.parameters === NO_PARAMETERS) this.parameters = {};
    super.setParam(key, value);
  }
}
