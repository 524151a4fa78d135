import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

interface Source {
  /** From the folder that was read. */
  readonly path: string;
  readonly text: string;
}

function sourcesOf(folder: string): Source[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(ROOT, folder, path), 'utf8') }));
}

describe('The SIP stack and sip.js', () => {
  const stack = sourcesOf('container/sip');
  const plugins = sourcesOf('plugins');
  const telephones = plugins.filter(({ path }) => path.startsWith(join('sandbox', '')));

  it('meet in one place: the text of responses', () => {
    const meeting = stack.filter(({ text }) => /from 'sip\.js/.test(text)).map(({ path }) => path);
    expect(meeting).to.deep.equal([join('message', 'response.ts')]);
  });

  it("leave sip.js' user agents to the telephones of the sandbox, which use what sip.js exports", () => {
    expect(telephones.map(({ text }) => /new (UserAgent|Inviter|Messager)\(/.exec(text)?.[1])).to.include.members([
      'UserAgent',
      'Inviter',
      'Messager',
    ]);
    const imports = plugins.flatMap(({ path, text }) =>
      [...text.matchAll(/from '(sip\.js[^']*)'/g)].map(([, name]) => `${path.split(sep)[0]} from ${name}`),
    );
    expect(new Set(imports)).to.deep.equal(new Set(['sandbox from sip.js']));
  });

  it("leave each other's objects alone: nothing private is reached for, no prototype, method or global is changed", () => {
    for (const { path, text } of [...stack, ...telephones]) {
      expect(text, path).not.to.match(/(?:\w|\))\['_\w+'\]/);
      expect(text, path).not.to.match(/setPrototypeOf|defineProperty|\.prototype\b|\bglobal(?:This)?\./);
      expect(text, path).not.to.match(/\w\.(?:receiveRequest|receiveResponse|send|dispose) = /);
    }
  });

  it("leave sip.js' underscored members to sip.js", () => {
    for (const { path, text } of telephones) expect(text, path).not.to.match(/\w\._\w/);
  });

  it('have no value that stands for a missing one', () => {
    for (const { path, text } of stack) expect(text, path).not.to.match(/NO_TAG|'no tag'/);
  });
});
