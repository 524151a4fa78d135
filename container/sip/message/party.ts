import { NameAddrHeader, type URI } from 'sip.js/lib/core/index.js';

/**
 * Stands for the tag of a peer that has none, which RFC 2543 allowed and RFC 3261 section 12.1.2 wants to be understood; sip.js
 * makes no dialog without one. No token has a space in it, so nobody can send it.
 */
export const NO_TAG = 'no tag';

/** The From or the To of a call's requests, which share it. */
export class Party {
  /** For sip.js, which asks for its URI. */
  readonly header: NameAddrHeader;
  /** The value of the header field, joined into one piece: it is printed in each request. */
  readonly text: string;

  constructor(
    readonly uri: URI,
    displayName: string,
    readonly tag: string | undefined,
  ) {
    this.header = new NameAddrHeader(uri, displayName, {});
    const quoted = displayName === '' ? '' : `"${displayName}" `;
    const parts = [quoted, '<', uri.toString(), '>'];
    if (tag !== undefined && tag !== NO_TAG) parts.push(';tag=', tag);
    this.text = parts.join('');
  }

  is(uri: URI, tag: string | undefined): boolean {
    return this.uri === uri && this.tag === tag;
  }
}
