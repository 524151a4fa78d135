/** The value of a Refer-To (RFC 3515 section 2.1), as far as the controller uses it. */
export interface ReferTo {
  /** Display name and opening bracket. */
  readonly start: string;
  /** SIP URI without its headers. */
  readonly uri: string;
  /** Headers of the URI, `name=value`, which the telephone puts into its INVITE. */
  readonly fields: readonly string[];
  /** Closing bracket, and the parameters of the header. */
  readonly end: string;
}

/** `<sip:bob@example.com?Replaces=…&Priority=urgent>`, with a display name before and parameters after it. */
const NAME_ADDR = /^((?:"(?:[^"\\]|\\.)*"|[^"<])*<)(sips?:[^<>?]*)(?:\?([^<>]*))?(>[^<>]*)$/is;
/** A URI without brackets has neither parameters nor headers of its own (RFC 3261 section 20.10), whatever telephones write. */
const ADDR_SPEC = /^\s*(sips?:[^<>?\s]*)(?:\?([^<>\s]*))?\s*$/i;

/** Undefined if it is not a SIP URI, or cannot be read. */
export function readReferTo(value: string): ReferTo | undefined {
  const [, start, uri, fields, end] = NAME_ADDR.exec(value) ?? [];
  if (start !== undefined && uri !== undefined && end !== undefined)
    return { start, uri, fields: fieldsOf(fields), end };
  const [, bare, bareFields] = ADDR_SPEC.exec(value) ?? [];
  return bare === undefined ? undefined : { start: '<', uri: bare, fields: fieldsOf(bareFields), end: '>' };
}

export function referToText({ start, uri, fields, end }: ReferTo): string {
  return `${start}${uri}${fields.length > 0 ? `?${fields.join('&')}` : ''}${end}`;
}

/** The name of a field, in lower case. Empty if it is escaped wrongly. */
export function fieldName(field: string): string {
  return unescaped(field.split('=', 1)[0] ?? '')
    .trim()
    .toLowerCase();
}

/** An empty text if it is escaped wrongly. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function fieldsOf(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split('&');
}
