import type { Uri } from './uri.js';

/** The From or the To of a call's requests, which share it. */
export class Party {
  /** The value of the header field, joined into one piece: it is printed in each request. */
  readonly text: string;

  /**
   * @param tag undefined: none yet. Empty: the peer has none, which RFC 2543 allowed and RFC 3261 section 12.1.2 wants to be
   * understood
   */
  constructor(
    readonly uri: Uri,
    displayName: string,
    readonly tag: string | undefined,
  ) {
    const quoted = displayName === '' ? '' : `"${displayName}" `;
    const parts = [quoted, '<', uri.toString(), '>'];
    if (tag) parts.push(';tag=', tag);
    this.text = parts.join('');
  }

  is(uri: Uri, tag: string | undefined): boolean {
    return this.uri === uri && this.tag === tag;
  }
}
