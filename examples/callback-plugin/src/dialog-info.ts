import { SaxesParser } from 'saxes';

const NAMESPACE = 'urn:ietf:params:xml:ns:dialog-info';

/** A telephone's report of its dialogs (RFC 4235 section 4). */
export interface DialogInfo {
  /** Number of the document within its subscription. */
  readonly version: number;
  /** Whether the document lists all dialogs, or only those that have changed. */
  readonly isFull: boolean;
  /** Whether each dialog, by its id, is active, that is, in any state but `terminated`. */
  readonly dialogs: ReadonlyMap<string, boolean>;
}

/**
 * Reads the body of a NOTIFY.
 * @throws Error if the body is not `application/dialog-info+xml`
 */
export function readDialogInfo(document: string): DialogInfo {
  const parser = new SaxesParser({ xmlns: true });
  const dialogs = new Map<string, boolean>();
  const path: string[] = [];
  let root: { version: number; isFull: boolean } | undefined;
  let [id, state] = ['', ''];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ uri, local, attributes }) => {
    path.push(uri === NAMESPACE ? local : '');
    const value = (name: string): string => attributes[name]?.value ?? '';
    if (isAt(path, 'dialog-info')) root = { version: Number(value('version')), isFull: value('state') === 'full' };
    if (isAt(path, 'dialog-info', 'dialog')) [id, state] = [value('id'), ''];
  });
  parser.on('text', (text) => {
    if (isAt(path, 'dialog-info', 'dialog', 'state')) state += text;
  });
  parser.on('closetag', () => {
    if (isAt(path, 'dialog-info', 'dialog')) dialogs.set(id, state.trim() !== 'terminated');
    path.pop();
  });
  parser.write(document).close();
  if (!root || !Number.isSafeInteger(root.version)) throw new Error('The document is no dialog-info');
  return { ...root, dialogs };
}

function isAt(path: readonly string[], ...names: readonly string[]): boolean {
  return path.length === names.length && names.every((name, index) => path[index] === name);
}
