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

  it('resolves references once, joins text around comments, and takes CDATA as it is', () => {
    expect(parseXml('<a>1 &amp;lt; &#50;&#x20;&lt;&quot;&apos;&gt;</a>').text).to.equal('1 &lt; 2 <"\'>');
    expect(parseXml('<a>1<!-- 2 -->3<?php 4?>5<![CDATA[<&amp;]]></a>').text).to.equal('135<&amp;');
  });

  it('reads 10,000 elements on one line in linear time', () => {
    expect(parseXml(`<a>${'<b>1</b>'.repeat(10_000)}</a>`).children).to.have.length(10_000);
  });

  const cases: [xml: string, message: string][] = [
    ['', 'line 1: expected an element, found the end of the file'],
    ['text', 'line 1: expected markup, found text outside the root element'],
    ['<a>', 'line 1: expected </a>, found the end of the file'],
    ['<a>\n<b>1</a>', 'line 2: expected </b>, found </a'],
    ['<a>\n</ab>', 'line 2: expected </a>, found </a'],
    ['</a>', 'line 1: expected a start tag, found an end tag'],
    ['<a/><b/>', 'line 1: expected one root element, found <b>'],
    ['<a></a>text', 'line 1: expected markup, found text outside the root element'],
    ['<a b=1/>', 'line 1: expected a start tag, found a syntax error'],
    ['<a b="1" b="2"/>', 'line 1: expected each attribute once, found b twice'],
    ['<a b="<"/>', 'line 1: expected a start tag, found a syntax error'],
    ['<a><1/></a>', 'line 1: expected a start tag, found a syntax error'],
    ['<p:a/>', 'line 1: expected a declared prefix, found p'],
    ['<a>&nbsp;</a>', 'line 1: expected a character reference or &amp;, found &nbsp;'],
    ['<a>1 & 2</a>', 'line 1: expected a character reference or &amp;, found & 2'],
    ['<a>&#0;</a>', 'line 1: expected a character reference or &amp;, found &#0;'],
    ['<a>&#xD800;</a>', 'line 1: expected a character reference or &amp;, found &#xD800;'],
    ['<a>&#x110000;</a>', 'line 1: expected a character reference or &amp;, found &#x110000;'],
    ['<a>]]></a>', 'line 1: expected text, found ]]>'],
    ['<a><!-- -- --></a>', 'line 1: expected -->, found --'],
    ['<a><!-- ', 'line 1: expected -->, found the end of the file'],
    ['<a><![CDATA[', 'line 1: expected ]]>, found the end of the file'],
    ['<a><?x', 'line 1: expected ?>, found the end of the file'],
    ['\n<?xml version="1.0"?><a/>', 'line 2: expected the XML declaration at the start, found one further on'],
    ['<!DOCTYPE a><a/>', 'line 1: expected no DTD, found a declaration'],
    ['<a><!ENTITY b "c"></a>', 'line 1: expected no DTD, found a declaration'],
    ['<a>'.repeat(33), 'line 1: expected elements at most 32 deep, found a deeper one'],
  ];
  for (const [xml, message] of cases) {
    it(`refuses ${JSON.stringify(xml.slice(0, 40))}`, () => {
      expect(mistake(xml)).to.equal(message);
    });
  }
});
