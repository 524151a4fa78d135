import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const FOLDER = fileURLToPath(new URL('../../../../container/sip/', import.meta.url));

describe('The SIP stack and sip.js', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const sources = files.map((path) => ({ path, text: readFileSync(join(FOLDER, path), 'utf8') }));

  it('meet in one place: the text of responses', () => {
    const meeting = sources.filter(({ text }) => /from 'sip\.js/.test(text)).map(({ path }) => path);
    expect(meeting).to.deep.equal([join('message', 'response.ts')]);
  });

  it("leave each other's objects alone: nothing private is reached for, no prototype and no method is changed", () => {
    for (const { path, text } of sources) {
      expect(text, path).not.to.match(/(?:\w|\))\['_\w+'\]/);
      expect(text, path).not.to.match(/setPrototypeOf|defineProperty|\.prototype\b/);
      expect(text, path).not.to.match(/\w\.(?:receiveRequest|receiveResponse|send|dispose) = /);
    }
  });

  it('have no value that stands for a missing one', () => {
    for (const { path, text } of sources) expect(text, path).not.to.match(/NO_TAG|'no tag'/);
  });
});
