import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const FOLDER = fileURLToPath(new URL('../../../../container/sip/', import.meta.url));

/** What is used of sip.js: the vocabulary of messages, and the text of responses. */
const VOCABULARY = [
  'Body',
  'IncomingMessage',
  'IncomingRequestMessage',
  'IncomingResponseMessage',
  'NameAddrHeader',
  'OutgoingRequestMessage',
  'ResponseOptions',
  'URI',
  'constructOutgoingResponse',
];

describe('The SIP stack and sip.js', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const sources = files.map((path) => ({ path, text: readFileSync(join(FOLDER, path), 'utf8') }));

  it('take messages, URIs and the text of responses from there, no transaction, dialog, user agent or timer', () => {
    const names = sources.flatMap(({ text }) =>
      [...text.matchAll(/import (?:type )?\{([^}]*)\} from 'sip\.js[^']*'/g)].flatMap(([, list = '']) =>
        list.split(',').map((name) => name.replace(/\btype\b|\bas .*/g, '').trim()),
      ),
    );
    expect(new Set(names.filter(Boolean))).to.have.keys(VOCABULARY);
  });

  it('change nothing in the module of sip.js, and no method of an object', () => {
    for (const { path, text } of sources) {
      expect(text, path).not.to.match(/AllowedMethods|\bTimers\.\w+ =/);
      expect(text, path).not.to.match(/\w\.(?:receiveRequest|receiveResponse|send|dispose) = /);
      expect(text, path).not.to.match(/from 'sip\.js\/lib\/(?!core\/index\.js)/);
    }
  });

  it('reach for nothing private', () => {
    // An address of the parser still sets the display name so.
    const reaching = sources.filter(({ text }) => /(?:\w|\))\['_\w+'\]/.test(text)).map(({ path }) => path);
    expect(reaching).to.deep.equal([join('message', 'parser', 'received-address.ts')]);
  });

  it('take methods without the constructor for messages and addresses alone', () => {
    const folders = sources.filter(({ text }) => text.includes('methodsOf')).map(({ path }) => path.split(/[\\/]/)[0]);
    expect(new Set(folders)).to.have.keys(['message']);
  });
});
