import { Address } from './address.js';
import { flat } from './flat.js';
import type { HeaderField } from './header-fields.js';
import type { HeaderReader } from './header-reader.js';
import { LooseAddress } from './loose-address.js';
import { parseNameAddr } from './name-addr.js';
import { SipParseError } from './error.js';
import { RequestMessage, ResponseMessage } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import type { CSeq } from './values.js';

/** RFC 3261 section 8.1.1.5. */
const LARGEST_CSEQ = 0x7fffffff;

/** Sets the fields of the message from its header fields, and checks that these fit together. */
export function fillFields(message: ReceivedMessage, reader: HeaderReader): void {
  const via = required('Via', reader)?.parsed;
  if (typeof via === 'object' && 'transport' in via) message.viaBranch = via.branch ?? '';
  const from = required('From', reader)?.parsed;
  if (from instanceof Address) {
    message.from = from;
    message.fromTag = tag(from, reader);
  }
  const to = required('To', reader)?.parsed;
  if (to instanceof Address) {
    message.to = to;
    message.toTag = tag(to, reader);
  }
  const isInDialog = message instanceof ResponseMessage || message.toTag !== '';
  if (!isInDialog && (from instanceof LooseAddress || to instanceof LooseAddress)) reader.fail('Bad Name Address');
  const callId = required('Call-ID', reader)?.raw;
  if (callId !== undefined) message.callId = callId;
  const cseq = required('CSeq', reader)?.parsed;
  if (typeof cseq === 'object' && 'method' in cseq) fillCSeq(message, reader, cseq);
  if (reader.fields.first('Refer-To') !== undefined) checkReferTo(message, reader);
  if (message instanceof RequestMessage && message.method === 'REGISTER') checkBindings(reader);
  if (message instanceof ResponseMessage && message.method === 'INVITE') detachDialog(message);
}

function required(name: string, reader: HeaderReader): HeaderField | undefined {
  const field = reader.fields.first(name);
  if (field === undefined) reader.fail('Missing Header Field');
  return field;
}

/** Copies what a dialog keeps of a response, so that it does not keep the whole response in memory. */
function detachDialog(response: ResponseMessage): void {
  response.toTag = flat(response.toTag);
  for (const route of response.fields.all('Record-Route')) route.raw = flat(route.raw);
}

function tag(address: Address, reader: HeaderReader): string {
  const value = address.parameters['tag'];
  if (value === null) reader.fail('Empty Tag');
  return value ?? '';
}

/** A REFER has exactly one Refer-To (RFC 3515 section 2.1); other messages ignore it. */
function checkReferTo({ method }: ReceivedMessage, reader: HeaderReader): void {
  const isOne = reader.fields.typed('Refer-To', 0) !== undefined && reader.fields.count('Refer-To') === 1;
  if (method === 'REFER' && !isOne) reader.fail('Bad Refer-To');
}

/** In a REGISTER, `*` is the only Contact (RFC 3261 section 10.2.2). */
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
  if (!(message instanceof RequestMessage)) message.method = cseq.method;
  else if (message.method !== cseq.method) reader.fail('CSeq Method Differs');
}
