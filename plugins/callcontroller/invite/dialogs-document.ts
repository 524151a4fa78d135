import { create } from 'xmlbuilder2';
import { xmlText } from '../../../sdk/index.js';
import type { ShownParty } from './parties.js';

const NAMESPACE = 'http://www.sipfoundry.org/sipX/schema/xml/call-status-00-00';

/** The `<dialogs>` document of an Invite call: a leg each, the calling party's first. */
export function dialogsDocument(parties: readonly ShownParty[]): string {
  const dialogs = create({ version: '1.0', encoding: 'UTF-8' }).ele(NAMESPACE, 'dialogs');
  for (const { state, statusLine, ...leg } of parties) {
    const element = dialogs.ele('dialog');
    const fields: [string, string][] = [
      ['dialog-id', `${leg.callId}:${leg.localTag}:${leg.remoteTag}`],
      ['local-party', leg.localParty],
      ['remote-party', leg.remoteParty],
      ['dialog-state', state],
      ['status-line', statusLine],
    ];
    for (const [name, value] of fields) element.ele(name).txt(xmlText(value));
  }
  return `${dialogs.end({ prettyPrint: true, indent: '\t', wellFormed: true })}\n`;
}
