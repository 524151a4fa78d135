import { NameAddrHeader, type URI } from 'sip.js/lib/core/index.js';
import { flat } from './parser/flat.js';

/**
 * Stands for the tag of a peer that has none, which RFC 2543 allowed and RFC 3261 section 12.1.2 wants to be understood; sip.js
 * makes no dialog without one. No token has a space in it, so nobody can send it.
 */
export const NO_TAG = 'no tag';

/** The From or the To of a call's requests, which share it. */
export class Party {
  readonly header: NameAddrHeader;
  /** The value of the header field. */
  readonly text: string;

  constructor(
    readonly uri: URI,
    displayName: string,
    readonly tag: string | undefined,
  ) {
    this.header = new NameAddrHeader(uri, displayName, tag === undefined || tag === NO_TAG ? {} : { tag });
    this.text = flat(this.header.toString());
  }

  is(uri: URI, tag: string | undefined): boolean {
    return this.uri === uri && this.tag === tag;
  }
}
