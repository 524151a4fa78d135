import { create } from 'xmlbuilder2';
import { xmlText } from '../../../sdk/index.js';
import type { Line, ProgressRecord } from './progress-record.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** Stands for a text that differs from element to element. */
const BLANK = '{}';
/** A `<status>` element cut at its blanks: made once, because a call has half a dozen of them, and a server has many calls. */
const [START = '', AFTER_TIMESTAMP = '', AFTER_CALL_ID = '', AFTER_METHOD = '', END = ''] = create()
  .ele('status')
  .ele({ timestamp: BLANK, 'call-id': BLANK, method: BLANK, 'status-line': BLANK })
  .up()
  .end({ headless: true, prettyPrint: true, indent: '\t' })
  .split(BLANK);

const HEAD = `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}">\n`;

/** Shown where there is no call. */
export const EMPTY_DOCUMENT = `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}"/>\n`;

/** The end of the element of each line that was shown before. */
const ends = new WeakMap<Line, string>();

/** The `<status-lines>` document of a Refer call. */
export function statusDocument({ callId, events }: Pick<ProgressRecord, 'callId' | 'events'>): string {
  if (events.length === 0) return EMPTY_DOCUMENT;
  const afterTimestamp = `${AFTER_TIMESTAMP}${escaped(callId)}${AFTER_CALL_ID}`;
  let document = HEAD;
  for (const { timestamp, line } of events) document += `${START}${digits(timestamp)}${afterTimestamp}${endOf(line)}`;
  return `${document}</status-lines>\n`;
}

function endOf(line: Line): string {
  const known = ends.get(line);
  if (known !== undefined) return known;
  const end = `${escaped(line.method)}${AFTER_METHOD}${escaped(line.statusLine)}${END}\n`;
  ends.set(line, end);
  return end;
}

/** In two parts: V8 formats integers beyond 31 bits like fractions, which takes ten times as long. */
function digits(timestamp: number): string {
  const seconds = Math.floor(timestamp / 1_000);
  return `${seconds}${String(timestamp - seconds * 1_000).padStart(3, '0')}`;
}

function escaped(text: string): string {
  return xmlText(text).replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
