import { create } from 'xmlbuilder2';
import { xmlText } from '../../../sdk/index.js';
import type { ProgressEvent } from './progress-record.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** A `<status>` element as text: serialised once, when the event happens, and not again with every GET. */
export function statusElement({ timestamp, callId, method, statusLine }: ProgressEvent): string {
  const fields: [string, string][] = [
    ['timestamp', String(timestamp)],
    ['call-id', callId],
    ['method', method],
    ['status-line', statusLine],
  ];
  const status = create().ele('status');
  for (const [name, value] of fields) status.ele(name).txt(xmlText(value));
  return status.end({ headless: true, prettyPrint: true, indent: '\t', wellFormed: true });
}

/** The `<status-lines>` document of a Refer call; empty when there is nothing to show. */
export function statusDocument(statusElements: readonly string[]): string {
  if (statusElements.length === 0) return `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}"/>\n`;
  return `${DECLARATION}\n<status-lines xmlns="${NAMESPACE}">\n${statusElements.join('\n')}\n</status-lines>\n`;
}
