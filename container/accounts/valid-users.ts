import { describe } from '../config/describe.js';
import { parseXml, XmlError } from '../config/xml.js';
import type { XmlElement } from '../config/xml.js';

const namespace = 'http://www.sipfoundry.org/sipX/schema/xml/validusers-00-00';

/** A user as written in the file, still to be checked, and the line where it starts. */
export interface WrittenUser {
  readonly line: number;
  readonly user: Record<string, unknown>;
}

const texts = ['userName', 'identity', 'displayName', 'pintoken', 'passtoken'];

/**
 * Reads a sipXecs `validusers.xml`. Users without a userName (services, conferences) are skipped, other elements ignored.
 * @throws XmlError when it is not well-formed, has another root or an element of a user twice
 */
export function readValidUsers(xml: string): WrittenUser[] {
  const root = parseXml(xml);
  if (root.name !== 'validusers' || root.namespace !== namespace) {
    const found = `<${root.name}> in ${describe(root.namespace)}`;
    throw new XmlError(root.line, `the root element validusers in the namespace ${namespace}`, found);
  }
  return childrenOf(root, 'user')
    .map((element) => ({ line: element.line, user: userOf(element) }))
    .filter(({ user }) => user['userName'] !== undefined);
}

function userOf(element: XmlElement): Record<string, unknown> {
  const fields = texts.map((name) => [name, textOf(element, name)] as const).filter(([, text]) => text !== undefined);
  const aliases = childrenOf(element, 'aliases').flatMap((group) => childrenOf(group, 'alias'));
  return { ...Object.fromEntries(fields), aliases: aliases.map(({ text }) => text.trim()) };
}

/** The text of a child element, `undefined` also when it is empty: sipXecs writes elements without content. */
function textOf(element: XmlElement, name: string): string | undefined {
  const [first, second] = childrenOf(element, name);
  if (second !== undefined) throw new XmlError(second.line, `one <${name}>`, 'a second one');
  const text = first?.text.trim();
  return text === '' ? undefined : text;
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name && child.namespace === namespace);
}
