import type { Header, Leg } from '../../../sdk/index.js';

/** A dialog as the party sees it that is to be replaced: `toTag` is its own tag (RFC 3891 section 6.1). */
export interface DialogId {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
}

/** The leg to the party that talks through the controller to the one that has this dialog with it; undefined: no such dialog. */
export type LegBehind = (dialog: DialogId) => Leg | undefined;

/** `<sip:bob@example.com?Replaces=…&Priority=urgent>`, with a display name before and parameters after it. */
const REFER_TO = /^((?:"(?:[^"\\]|\\.)*"|[^"<])*<)sips?:[^>?]*\?([^>]*)(>.*)$/is;

/**
 * The headers of a REFER for the other party. The transferor of an attended transfer knows the call that is to be replaced as a
 * dialog with the controller, which nobody else has: the Refer-To names the party behind the controller instead, and the dialog
 * that it has with it (RFC 5589 section 7.1).
 */
export function referHeaders(headers: readonly Header[], legBehind: LegBehind): Header[] {
  return headers.map(([name, value]) => [
    name,
    name.toLowerCase() === 'refer-to' ? behindController(value, legBehind) : value,
  ]);
}

function behindController(referTo: string, legBehind: LegBehind): string {
  const [, start, fields = '', end] = REFER_TO.exec(referTo) ?? [];
  const all = fields.split('&');
  const replaces = all.find(isReplaces);
  const [dialog, ...flags] = replaces === undefined ? [] : readReplaces(replaces.slice(replaces.indexOf('=') + 1));
  const leg = dialog && legBehind(dialog);
  if (!leg) return referTo;
  const value = [leg.callId, `to-tag=${leg.remoteTag}`, `from-tag=${leg.localTag}`, ...flags].join(';');
  const mapped = all.map((field) => (field === replaces ? `Replaces=${encodeURIComponent(value)}` : field));
  return `${start}${leg.remoteParty}?${mapped.join('&')}${end}`;
}

function isReplaces(field: string): boolean {
  return /^replaces=/i.test(field);
}

/** The dialog, and the parameters that are no part of its name. Empty where it is not as section 6.1 says. */
function readReplaces(escaped: string): [] | [DialogId, ...string[]] {
  const [callId = '', ...parameters] = unescaped(escaped)
    .split(';')
    .map((part) => part.trim());
  const tag = (name: string): string | undefined => /=(.+)/.exec(parameters.find(isNamed(name)) ?? '')?.[1]?.trim();
  const toTag = tag('to-tag');
  const fromTag = tag('from-tag');
  if (toTag === undefined || fromTag === undefined) return [];
  const flags = parameters.filter((part) => !isNamed('to-tag')(part) && !isNamed('from-tag')(part));
  return [{ callId, toTag, fromTag }, ...flags];
}

function isNamed(name: string): (parameter: string) => boolean {
  return (parameter) => parameter.split('=', 1)[0]?.trim().toLowerCase() === name;
}

/** An empty text where it is escaped wrongly. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
