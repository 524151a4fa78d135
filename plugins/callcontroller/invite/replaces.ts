import type { Header, Leg } from '../../../sdk/index.js';
import { type Carriage, isEndToEnd } from './end-to-end.js';
import { fieldName, readReferTo, type ReferTo, referToText, unescaped } from './refer-to.js';

/** The dialog to be replaced, as its party sees it: `toTag` is its own tag (RFC 3891 section 6.1). */
export interface DialogId {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
}

/**
 * The leg to the party that talks through the controller to the one that has this dialog with it; undefined if there is no such dialog.
 */
export type LegBehind = (dialog: DialogId) => Leg | undefined;

/** What a forwarded REFER may ask of the other telephone. */
export interface ReferRules extends Carriage {
  readonly legBehind: LegBehind;
  /** Whether a telephone may have the other one call this SIP URI. */
  readonly mayReferTo: (uri: string) => boolean;
}

/** Headers of the Refer-To's URI that make a transfer what it is (RFC 3891, RFC 3841). */
const OF_TRANSFERS = new Set(['replaces', 'require', 'accept-contact', 'reject-contact', 'request-disposition']);

/**
 * The headers of a REFER for the other party. The transferor of an attended transfer knows the call that is to be replaced as a dialog
 * with the controller, which nobody else has: the Refer-To names the party behind the controller instead, and the dialog that it has with
 * it (RFC 5589 section 7.1).
 *
 * The telephone puts the headers of the Refer-To's URI into its INVITE: they are carried by the same rules as those of the message.
 *
 * @returns undefined if the telephone may not have the other one call that
 */
export function referHeaders(headers: readonly Header[], rules: ReferRules): Header[] | undefined {
  const carried: Header[] = [];
  for (const [name, value] of headers) {
    const mapped = name.toLowerCase() === 'refer-to' ? carriedReferTo(value, rules) : value;
    if (mapped === undefined) return undefined;
    carried.push([name, mapped]);
  }
  return carried;
}

function carriedReferTo(value: string, rules: ReferRules): string | undefined {
  const referTo = readReferTo(value);
  if (!referTo) return undefined;
  const behind = behindController(referTo, rules.legBehind);
  if (!behind && !rules.mayReferTo(referTo.uri)) return undefined;
  const { fields, ...others } = behind ?? referTo;
  const kept = fields.filter((field) => OF_TRANSFERS.has(fieldName(field)) || isEndToEnd(fieldName(field), rules));
  return behind || kept.length < fields.length ? referToText({ ...others, fields: kept }) : value;
}

/** The Refer-To with the party behind the controller; undefined if it names no dialog of the controller's. */
function behindController({ fields, ...others }: ReferTo, legBehind: LegBehind): ReferTo | undefined {
  const replaces = fields.find((field) => fieldName(field) === 'replaces');
  const [dialog, ...flags] = replaces === undefined ? [] : readReplaces(replaces.slice(replaces.indexOf('=') + 1));
  const leg = dialog && legBehind(dialog);
  if (!leg) return undefined;
  const value = [leg.callId, `to-tag=${leg.remoteTag}`, `from-tag=${leg.localTag}`, ...flags].join(';');
  const mapped = fields.map((field) => (field === replaces ? `Replaces=${encodeURIComponent(value)}` : field));
  return { ...others, uri: leg.remoteParty, fields: mapped };
}

/** The dialog, and the parameters that are no part of its name. Empty if it is not as section 6.1 says. */
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
