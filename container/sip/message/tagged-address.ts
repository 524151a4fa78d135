import type { Uri } from './uri.js';

/** The From or the To of a call's requests, which share it. */
export class TaggedAddress {
  /** The value of the header field, joined once: each request prints it. */
  readonly text: string;

  /**
   * @param tag undefined: none yet. Empty: the peer has none, as RFC 2543 allowed; RFC 3261 section 12.1.2 asks to accept that
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
