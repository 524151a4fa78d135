import { expect } from 'chai';
import { parseXml, XmlError } from '../../../container/config/xml.js';

function mistake(xml: string): string {
  try {
    parseXml(xml);
  } catch (error) {
    if (error instanceof XmlError) return error.message;
    throw error;
  }
  throw new Error('the text was accepted');
}

describe('Reading XML', () => {
  it('gives elements with their names, namespaces, lines and texts', () => {
    const root = parseXml(
      '\uFEFF<?xml version="1.0"?>\n<!-- first --><a xmlns="urn:a" xmlns:p="urn:p" x=\'1 > 0\'>\n<b>1</b><p:c >2</p:c ><d xmlns=""/>\n</a>\n',
    );
    expect(root).to.include({ name: 'a', namespace: 'urn:a', line: 2 });
    expect(root.children.map(({ name, namespace, text, line }) => [name, namespace, text, line])).to.deep.equal([
      ['b', 'urn:a', '1', 3],
      ['c', 'urn:p', '2', 3],
      ['d', '', '', 3],
    ]);
  });

  it('resolves references once, joins text around comments, and reads CDATA verbatim', () => {
    expect(parseXml('<a>1 &amp;lt; &#50;&#x20;&lt;&quot;&apos;&gt;</a>').text).to.equal('1 &lt; 2 <"\'>');
    expect(parseXml('<a>1<!-- 2 -->3<?php 4?>5<![CDATA[<&amp;]]></a>').text).to.equal('135<&amp;');
  });

  it('reads 10,000 elements on one line in linear time', () => {
    expect(parseXml(`<a>${'<b>1</b>'.repeat(10_000)}</a>`).children).to.have.length(10_000);
  });

  const cases: [xml: string, message: string][] = [
    ['', 'line 1: expected well-formed XML, found document must contain a root element.'],
    ['text', 'line 1: expected well-formed XML, found text data outside of root node.'],
    ['<a>', 'line 1: expected well-formed XML, found unclosed tag: a'],
    ['<a>\n<b>1</a>', 'line 2: expected well-formed XML, found unexpected close tag.'],
    ['<a>\n</ab>', 'line 2: expected well-formed XML, found unexpected close tag.'],
    ['</a>', 'line 1: expected well-formed XML, found unmatched closing tag: a.'],
    ['<a/><b/>', 'line 1: expected well-formed XML, found documents may contain only one root.'],
    ['<a></a>text', 'line 1: expected well-formed XML, found text data outside of root node.'],
    ['<a b=1/>', 'line 1: expected well-formed XML, found unquoted attribute value.'],
    ['<a b="1" b="2"/>', 'line 1: expected well-formed XML, found duplicate attribute: b.'],
    ['<a b="<"/>', 'line 1: expected well-formed XML, found disallowed character.'],
    ['<a><1/></a>', 'line 1: expected well-formed XML, found disallowed character in tag name'],
    ['<p:a/>', 'line 1: expected well-formed XML, found unbound namespace prefix: "p".'],
    ['<a>&nbsp;</a>', 'line 1: expected well-formed XML, found undefined entity.'],
    ['<a>1 & 2</a>', 'line 1: expected well-formed XML, found unclosed tag: a'],
    ['<a>&#0;</a>', 'line 1: expected well-formed XML, found malformed character entity.'],
    ['<a>&#xD800;</a>', 'line 1: expected well-formed XML, found malformed character entity.'],
    ['<a>&#x110000;</a>', 'line 1: expected well-formed XML, found malformed character entity.'],
    ['<a>]]></a>', 'line 1: expected well-formed XML, found the string "]]>" is disallowed in char data.'],
    ['<a><!-- -- --></a>', 'line 1: expected well-formed XML, found malformed comment.'],
    ['<a><!-- ', 'line 1: expected well-formed XML, found unclosed tag: a'],
    ['<a><![CDATA[', 'line 1: expected well-formed XML, found unclosed tag: a'],
    ['<a><?x', 'line 1: expected well-formed XML, found unclosed tag: a'],
    [
      '\n<?xml version="1.0"?><a/>',
      'line 2: expected well-formed XML, found an XML declaration must be at the start of the document.',
    ],
    ['<!DOCTYPE a><a/>', 'line 1: expected no DTD, found a declaration'],
    ['<a><!ENTITY b "c"></a>', 'line 1: expected well-formed XML, found incorrect syntax.'],
    ['<a>'.repeat(33), 'line 1: expected elements at most 32 deep, found a deeper one'],
  ];
  for (const [xml, message] of cases) {
    it(`refuses ${JSON.stringify(xml.slice(0, 40))}`, () => {
      expect(mistake(xml)).to.equal(message);
    });
  }
});
