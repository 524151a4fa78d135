import { NameAddrHeader } from 'sip.js/lib/core/index.js';
import type { HeaderReader } from './header-reader.js';
import { ReceivedRequest } from './received-message.js';
import type { ReceivedMessage } from './received-message.js';
import type { CSeq } from './values.js';

/** RFC 3261 section 8.1.1.5. */
const LARGEST_CSEQ = 0x7fffffff;

const REQUIRED = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** Sets the fields of the message that sip.js takes from its headers, and checks what they have to say together. */
export function fillFields(message: ReceivedMessage, reader: HeaderReader): void {
  const { headers } = reader;
  for (const name of REQUIRED) {
    if (headers[name] === undefined) reader.fail('Missing Header Field');
  }
  const via = headers['Via']?.[0]?.parsed;
  if (typeof via === 'object' && 'transport' in via) Object.assign(message, { via, viaBranch: via.branch });
  const from = headers['From']?.[0]?.parsed;
  if (from instanceof NameAddrHeader) Object.assign(message, { from, fromTag: tag(from, reader) });
  const to = headers['To']?.[0]?.parsed;
  if (to instanceof NameAddrHeader) Object.assign(message, { to, toTag: tag(to, reader) });
  const callId = headers['Call-ID']?.[0]?.raw;
  if (callId !== undefined) message.callId = callId;
  // sip.js declares it a string and sets the typed value.
  const referTo = headers['Refer-To']?.[0]?.parsed;
  if (referTo !== undefined) Object.assign(message, { referTo });
  const cseq = headers['CSeq']?.[0]?.parsed;
  if (typeof cseq === 'object' && 'method' in cseq) fillCSeq(message, reader, cseq);
  checkContacts(message, reader);
}

function tag(address: NameAddrHeader, reader: HeaderReader): string | undefined {
  const value = address.getParam('tag');
  if (value === null) reader.fail('Empty Tag');
  return value ?? undefined;
}

/** `*` stands alone, and only in a REGISTER (RFC 3261 section 10.2.2). */
function checkContacts(message: ReceivedMessage, reader: HeaderReader): void {
  const contacts = reader.headers['Contact'] ?? [];
  if (!contacts.some((contact) => contact.raw === '*')) return;
  const isAllowed = message instanceof ReceivedRequest && message.method === 'REGISTER' && contacts.length === 1;
  if (!isAllowed) reader.fail('Bad Contact');
}

function fillCSeq(message: ReceivedMessage, reader: HeaderReader, cseq: CSeq): void {
  message.cseq = cseq.value;
  if (cseq.value > LARGEST_CSEQ) reader.fail('CSeq Too Large');
  if (!(message instanceof ReceivedRequest)) message.method = cseq.method;
  else if (message.method !== cseq.method) reader.fail('CSeq Method Differs');
}
