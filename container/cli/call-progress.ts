import { cut, oneLine } from '../config/describe.js';
import { parseXml, type XmlElement } from '../config/xml.js';

export interface Progress {
  /** What happened so far, a line each. Those of a Refer call grow in number; a leg's of an Invite call change with its state. */
  readonly lines: readonly string[];
  /** `answer due`: nothing was answered yet, or the last answer asks for a password; where that was sent, another follows. */
  readonly outcome: 'answer due' | 'going on' | 'connected' | 'failed';
}

const MAX_LINE_LENGTH = 300;

/**
 * Reads the document that GET shows of a call: `<status-lines>` of a Refer call, `<dialogs>` of an Invite call.
 * @throws XmlError when it is not well-formed
 */
export function readProgress(document: string): Progress {
  const root = parseXml(document);
  if (root.children.length === 0) return { lines: [], outcome: 'answer due' };
  return root.name === 'dialogs' ? ofDialogs(root.children) : ofStatusLines(root.children);
}

function ofStatusLines(elements: readonly XmlElement[]): Progress {
  const lines = elements.map((element) => `${shown(element, 'method')} ${shown(element, 'status-line')}`);
  if (lines.some((line) => /^NOTIFY SIP\/2\.0 2\d\d/.test(line))) return { lines, outcome: 'connected' };
  if (lines.some((line) => /^\S+ SIP\/2\.0 (?!401|407)[3-6]\d\d/.test(line))) return { lines, outcome: 'failed' };
  const isChallenged = /^\S+ SIP\/2\.0 40[17]/.test(lines.at(-1) ?? '');
  return { lines, outcome: isChallenged ? 'answer due' : 'going on' };
}

function ofDialogs(elements: readonly XmlElement[]): Progress {
  const states = elements.map((element) => shown(element, 'dialog-state'));
  const lines = elements.map(
    (element, index) => `${shown(element, 'remote-party')} ${states[index]} ${shown(element, 'status-line')}`,
  );
  if (states.some((state) => state === 'Completed Dialog' || state === 'Terminated Dialog'))
    return { lines, outcome: 'failed' };
  const isConnected = states.length > 1 && states.every((state) => state === 'Confirmed Dialog');
  return { lines, outcome: isConnected ? 'connected' : 'going on' };
}

/** Goes from the network to a terminal, so it is shortened and has no control characters. */
function shown({ children }: XmlElement, name: string): string {
  const text = children.find((child) => child.name === name)?.text ?? '';
  return cut(oneLine(text), MAX_LINE_LENGTH);
}
