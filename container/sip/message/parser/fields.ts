import { NameAddrHeader } from 'sip.js/lib/core/index.js';
import { flat } from './flat.js';
import type { HeaderField } from './header-fields.js';
import type { HeaderReader } from './header-reader.js';
import { LooseAddress } from './loose-address.js';
import { parseNameAddr } from './name-addr.js';
import { SipParseError } from './error.js';
import { ReceivedRequest, ReceivedResponse } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import type { CSeq } from './values.js';

/** RFC 3261 section 8.1.1.5. */
const LARGEST_CSEQ = 0x7fffffff;

/** The fields as they are. sip.js declares those that may be missing, or are of another type, as if they never were. */
interface Fields {
  via: unknown;
  viaBranch: string | undefined;
  from: NameAddrHeader;
  fromTag: string | undefined;
  to: NameAddrHeader;
  toTag: string | undefined;
  callId: string;
  referTo: unknown;
}

/** Sets the fields of the message that sip.js takes from its headers, and checks what they have to say together. */
export function fillFields(message: ReceivedMessage, reader: HeaderReader): void {
  const target: Fields = message;
  const via = required('Via', reader)?.parsed;
  if (typeof via === 'object' && 'transport' in via) {
    target.via = via;
    target.viaBranch = via.branch;
  }
  const from = required('From', reader)?.parsed;
  if (from instanceof NameAddrHeader) {
    target.from = from;
    target.fromTag = tag(from, reader);
  }
  const to = required('To', reader)?.parsed;
  if (to instanceof NameAddrHeader) {
    target.to = to;
    target.toTag = tag(to, reader);
  }
  const isInDialog = message instanceof ReceivedResponse || target.toTag !== undefined;
  if (!isInDialog && (from instanceof LooseAddress || to instanceof LooseAddress)) reader.fail('Bad Name Address');
  const callId = required('Call-ID', reader)?.raw;
  if (callId !== undefined) target.callId = callId;
  const cseq = required('CSeq', reader)?.parsed;
  if (typeof cseq === 'object' && 'method' in cseq) fillCSeq(message, reader, cseq);
  if (reader.fields.first('Refer-To') !== undefined) fillReferTo(message, target, reader);
  if (message instanceof ReceivedRequest && message.method === 'REGISTER') checkBindings(reader);
  if (message instanceof ReceivedResponse && message.method === 'INVITE') detachDialog(message);
}

function required(name: string, reader: HeaderReader): HeaderField | undefined {
  const field = reader.fields.first(name);
  if (field === undefined) reader.fail('Missing Header Field');
  return field;
}

/** A dialog keeps the tag and the route of the answers that make it, but not the answers. */
function detachDialog(response: ReceivedResponse): void {
  const { toTag }: Partial<ReceivedResponse> = response;
  if (toTag !== undefined) response.toTag = flat(toTag);
  for (const route of response.fields.all('Record-Route')) route.raw = flat(route.raw);
}

function tag(address: NameAddrHeader, reader: HeaderReader): string | undefined {
  const value = address.parameters['tag'];
  if (value === null) reader.fail('Empty Tag');
  return value ?? undefined;
}

/** A REFER has one (RFC 3515 section 2.1); in other messages it means nothing. */
function fillReferTo({ method }: ReceivedMessage, target: Fields, reader: HeaderReader): void {
  const referTo = reader.fields.typed('Refer-To', 0);
  if (referTo !== undefined) target.referTo = referTo;
  const isOne = referTo !== undefined && reader.fields.count('Refer-To') === 1;
  if (method === 'REFER' && !isOne) reader.fail('Bad Refer-To');
}

/** A REGISTER is about its Contacts; `*` stands alone (RFC 3261 section 10.2.2). */
function checkBindings(reader: HeaderReader): void {
  const contacts = reader.fields.all('Contact');
  const isAllowed = contacts.length === 1 && contacts.every(isStar);
  if (!isAllowed && !contacts.every(({ raw }) => isNameAddr(raw))) reader.fail('Bad Contact');
}

function isNameAddr(text: string): boolean {
  try {
    parseNameAddr(text);
    return true;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return false;
  }
}

function isStar(contact: HeaderField): boolean {
  return contact.raw === '*';
}

function fillCSeq(message: ReceivedMessage, reader: HeaderReader, cseq: CSeq): void {
  message.cseq = cseq.value;
  if (cseq.value > LARGEST_CSEQ) reader.fail('CSeq Too Large');
  if (!(message instanceof ReceivedRequest)) message.method = cseq.method;
  else if (message.method !== cseq.method) reader.fail('CSeq Method Differs');
}
