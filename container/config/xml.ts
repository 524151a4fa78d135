import { SaxesParser, type SaxesTagNS } from 'saxes';
import { cut, oneLine } from './describe.js';

/** An element as it was read. sipXecs files have no attributes but the namespace's. */
export interface XmlElement {
  /** Local name. */
  readonly name: string;
  /** Namespace name, empty without one. */
  readonly namespace: string;
  /** Line of the start tag, counted from 1. */
  readonly line: number;
  readonly children: readonly XmlElement[];
  /** The character data directly inside the element. */
  readonly text: string;
}

/** A text is not well-formed XML, or it has a DTD. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  constructor(
    readonly line: number,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`line ${line}: expected ${expected}, found ${found}`);
  }
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/** Files of sipXecs are three elements deep. */
const MAX_DEPTH = 32;

/**
 * Reads XML with namespaces. No DTD, so no entities but the five predefined ones, and at most 32 elements deep. xmlbuilder2's parser
 * would accept a truncated text.
 * @throws XmlError with the line, when the text is not well-formed
 */
export function parseXml(xml: string): XmlElement {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const refuse = (expected: string, found: string): never => {
    throw new XmlError(parser.line, expected, cut(oneLine(found), 80));
  };
  const open: OpenElement[] = [];
  let root: OpenElement | undefined;
  let line = 1;
  const append = (text: string): void => {
    const element = open.at(-1);
    if (element) element.text += text;
  };

  parser.on('error', ({ message }) => refuse('well-formed XML', message.replace(/^\d+:\d+: /, '')));
  parser.on('doctype', () => refuse('no DTD', 'a declaration'));
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', ({ local, uri }: SaxesTagNS) => {
    if (open.length === MAX_DEPTH) refuse(`elements at most ${MAX_DEPTH} deep`, 'a deeper one');
    const element: OpenElement = { name: local, namespace: uri, line, children: [], text: '' };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', append);
  parser.on('cdata', append);
  parser.write(xml).close();
  return root ?? refuse('an element', 'none');
}
