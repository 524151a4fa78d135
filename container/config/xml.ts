import { cut, oneLine } from './describe.js';

/** An element as it was read. Attributes are checked and dropped, but for the namespace: sipXecs files have no others. */
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
  readonly qualifiedName: string;
  readonly prefixes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const deepest = 32;
const name = '[\\p{L}_][\\p{L}\\p{N}_.\\-\\u00B7]*';
const qualifiedName = `(?:${name}:)?${name}`;
const value = `(?:"[^"<]{0,4096}"|'[^'<]{0,4096}')`;
const startTag = new RegExp(`<(${qualifiedName})((?:\\s+${qualifiedName}\\s*=\\s*${value})*)\\s*(/?)>`, 'uy');
const whiteSpace = /\s*>/y;
// Nearly every start tag in practice; Unicode's character classes take several times as long.
const plainStartTag = /<([A-Za-z_][\w.-]*)>/y;
const attribute = new RegExp(`(${qualifiedName})\\s*=\\s*(${value})`, 'gu');

/**
 * Reads a small, strict part of XML 1.0 with namespaces: elements, attributes, text, CDATA, comments, processing
 * instructions, character references and the five predefined entities. No DTD, and at most 32 elements deep. The
 * parser of xmlbuilder2 takes text that was cut off for complete, and a second for 3,000 users.
 * @throws XmlError with the line, when the text is not well-formed
 */
export function parseXml(xml: string): XmlElement {
  return new Reader(xml.replace(/^\uFEFF/, '')).read();
}

class Reader {
  private position = 0;
  private line = 1;
  private nextLineBreak: number;
  private readonly open: OpenElement[] = [];
  private root: OpenElement | undefined;

  constructor(private readonly xml: string) {
    this.nextLineBreak = xml.indexOf('\n');
  }

  read(): XmlElement {
    if (/^<\?xml\s/.test(this.xml)) this.skipTo('?>', 'the end of the XML declaration');
    while (this.position < this.xml.length) this.readNext();
    const unclosed = this.open.at(-1);
    if (unclosed !== undefined) throw this.error(`</${unclosed.qualifiedName}>`, 'the end of the file');
    if (this.root === undefined) throw this.error('an element', 'the end of the file');
    return this.root;
  }

  private readNext(): void {
    if (!this.xml.startsWith('<', this.position)) this.readText();
    else if (this.at('</')) this.readEndTag();
    else if (this.at('<!--')) this.readComment();
    else if (this.at('<![CDATA[')) this.append(this.skipTo(']]>', ']]>').slice('<![CDATA['.length));
    else if (this.at('<?')) this.readInstruction();
    else if (this.at('<!')) throw this.error('no DTD', 'a declaration');
    else this.readStartTag();
  }

  private readText(): void {
    const end = this.xml.indexOf('<', this.position);
    const raw = this.xml.slice(this.position, end === -1 ? undefined : end);
    if (raw.includes(']]>')) throw this.error('text', ']]>');
    this.append(this.decode(raw));
    this.position += raw.length;
  }

  private append(text: string): void {
    const element = this.open.at(-1);
    if (element !== undefined) element.text += text;
    else if (text.trim() !== '') throw this.error('markup', 'text outside the root element');
  }

  private readComment(): void {
    this.position += '<!--'.length;
    if (this.skipTo('--', '-->') !== undefined && !this.at('>')) throw this.error('-->', '--');
    this.position += 1;
  }

  private readInstruction(): void {
    if (/^<\?xml\s/i.test(this.xml.slice(this.position, this.position + 6))) {
      throw this.error('the XML declaration at the start', 'one further on');
    }
    this.skipTo('?>', '?>');
  }

  private readStartTag(): void {
    startTag.lastIndex = this.position;
    plainStartTag.lastIndex = this.position;
    const match = plainStartTag.exec(this.xml) ?? startTag.exec(this.xml);
    const [all, qualified = '', attributes = '', slash] = match ?? [];
    if (all === undefined) throw this.error('a start tag', 'a syntax error');
    const parent = this.open.at(-1);
    if (parent === undefined && this.root !== undefined) throw this.error('one root element', `<${qualified}>`);
    if (this.open.length === deepest) throw this.error(`elements at most ${deepest} deep`, 'a deeper one');

    const prefixes = this.namespaces(attributes, parent?.prefixes ?? noPrefixes);
    const colon = qualified.indexOf(':');
    const prefix = colon === -1 ? '' : qualified.slice(0, colon);
    const namespace = prefixes.get(prefix) ?? (prefix === '' ? '' : undefined);
    if (namespace === undefined) throw this.error('a declared prefix', prefix);
    const line = this.currentLine();
    const element: OpenElement = {
      name: qualified.slice(colon + 1),
      namespace,
      line,
      children: [],
      text: '',
      qualifiedName: qualified,
      prefixes,
    };
    parent?.children.push(element);
    this.root ??= element;
    if (slash !== '/') this.open.push(element);
    this.position += all.length;
  }

  private readEndTag(): void {
    const element = this.open.pop();
    if (element === undefined) throw this.error('a start tag', 'an end tag');
    const expected = `</${element.qualifiedName}`;
    whiteSpace.lastIndex = this.position + expected.length;
    if (!this.at(expected) || !whiteSpace.test(this.xml)) {
      throw this.error(`${expected}>`, this.xml.slice(this.position, this.position + expected.length));
    }
    this.position = whiteSpace.lastIndex;
  }

  private namespaces(attributes: string, inherited: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    if (attributes === '') return inherited;
    const seen = new Set<string>();
    let prefixes: Map<string, string> | undefined;
    for (const [, key = '', quotedValue = ''] of attributes.matchAll(attribute)) {
      if (seen.has(key)) throw this.error('each attribute once', `${key} twice`);
      seen.add(key);
      const decoded = this.decode(quotedValue.slice(1, -1));
      if (key !== 'xmlns' && !key.startsWith('xmlns:')) continue;
      prefixes ??= new Map(inherited);
      prefixes.set(key.slice('xmlns:'.length), decoded);
    }
    return prefixes ?? inherited;
  }

  /** Resolves references; anything else after `&` is an error. */
  private decode(raw: string): string {
    if (!raw.includes('&')) return raw;
    return raw.replaceAll(/&([^;&]{0,16};?)/g, (reference, body: string) => {
      const character = predefined.get(body) ?? characterOf(body);
      if (character === undefined) throw this.error('a character reference or &amp;', reference);
      return character;
    });
  }

  private at(token: string): boolean {
    return this.xml.startsWith(token, this.position);
  }

  /** Moves past the next `token` and returns what stood before it. */
  private skipTo(token: string, expected: string): string {
    const end = this.xml.indexOf(token, this.position);
    if (end === -1) throw this.error(expected, 'the end of the file');
    const skipped = this.xml.slice(this.position, end);
    this.position = end + token.length;
    return skipped;
  }

  private currentLine(): number {
    while (this.nextLineBreak !== -1 && this.nextLineBreak < this.position) {
      this.line += 1;
      this.nextLineBreak = this.xml.indexOf('\n', this.nextLineBreak + 1);
    }
    return this.line;
  }

  private error(expected: string, found: string): XmlError {
    return new XmlError(this.currentLine(), expected, cut(oneLine(found), 60));
  }
}

const noPrefixes: ReadonlyMap<string, string> = new Map([['xml', 'http://www.w3.org/XML/1998/namespace']]);
const predefined: ReadonlyMap<string, string> = new Map([
  ['amp;', '&'],
  ['lt;', '<'],
  ['gt;', '>'],
  ['quot;', '"'],
  ['apos;', "'"],
]);

function characterOf(reference: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}));$/.exec(reference) ?? [];
  const code = hex === undefined ? Number(decimal ?? Number.NaN) : Number.parseInt(hex, 16);
  // Char of XML 1.0: no NUL, no control character but tab, LF and CR, no surrogate.
  const allowed =
    code >= 0x20
      ? code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && (code & 0xfffe) !== 0xfffe
      : [9, 10, 13].includes(code);
  return allowed ? String.fromCodePoint(code) : undefined;
}
