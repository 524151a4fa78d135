import { create } from 'xmlbuilder2';
import { xmlText } from '../../../sdk/index.js';
import type { ProgressEvent } from './progress-record.js';

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

/** A `<status>` element as text. */
export function statusElement({ timestamp, callId, method, statusLine }: ProgressEvent): string {
  return `${START}${timestamp}${AFTER_TIMESTAMP}${escaped(callId)}${AFTER_CALL_ID}${escaped(method)}${AFTER_METHOD}${escaped(statusLine)}${END}`;
}

/** The `<status-lines>` document of a Refer call; empty when there is nothing to show. */
export function statusDocument(statusElements: readonly string[]): string {
  if (statusElements.length === 0) return `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}"/>\n`;
  return `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}">\n${statusElements.join('\n')}\n</status-lines>\n`;
}

function escaped(text: string): string {
  return xmlText(text).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
