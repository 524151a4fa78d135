import { create } from 'xmlbuilder2';
import { xmlText } from '../../../sdk/index.js';
import type { ProgressRecord } from './progress-record.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Stands for a text that differs from element to element. */
const BLANK = '{}';
/** A `<status>` element cut at its blanks: laid out once, because a call has half a dozen of them and a server many calls. */
const [START = '', AFTER_TIMESTAMP = '', AFTER_CALL_ID = '', AFTER_METHOD = '', END = ''] = create()
  .ele('status')
  .ele({ timestamp: BLANK, 'call-id': BLANK, method: BLANK, 'status-line': BLANK })
  .up()
  .end({ headless: true, prettyPrint: true, indent: '\t' })
  .split(BLANK);

/** Shown where there is no call. */
export const EMPTY_DOCUMENT = `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}"/>\n`;

/** The `<status-lines>` document of a Refer call. */
export function statusDocument({ callId, events }: Pick<ProgressRecord, 'callId' | 'events'>): string {
  if (events.length === 0) return EMPTY_DOCUMENT;
  const afterTimestamp = `${AFTER_TIMESTAMP}${escaped(callId)}${AFTER_CALL_ID}`;
  let elements = '';
  for (const { timestamp, method, statusLine } of events) {
    elements += `${START}${timestamp}${afterTimestamp}${escaped(method)}${AFTER_METHOD}${escaped(statusLine)}${END}\n`;
  }
  return `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}">\n${elements}</status-lines>\n`;
}

/** Printable ASCII but `&`, `<` and `>`: what nearly all status lines are made of. */
const PLAIN = /^[ !-%'-;=?-~]*$/;

function escaped(text: string): string {
  return PLAIN.test(text) ? text : xmlText(text).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
