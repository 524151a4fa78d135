import { expect } from 'chai';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Directory } from '../../../container/accounts/directory.js';
import { ConfigurationError } from '../../../container/config/errors.js';
import { Folder } from '../config/folder.js';
import { RecordingLog } from './recording-log.js';

const userName = 'a SIP user name, without spaces and @';
const md5 = (of: string): string => `MD5 of ${of} as 32 hexadecimal digits`;
const oneOwner = 'each userName, alias and identity to belong to one user';
const namespace = 'http://www.sipfoundry.org/sipX/schema/xml/validusers-00-00';
const xml = (content: string): string => `<validusers xmlns="${namespace}">\n${content}</validusers>`;

const cases: [content: string, message: string][] = [
  ['', 'users (FILE, line 1): expected JSON, found a syntax error: value expected'],
  ['- userName: user1\n', 'users (FILE, line 1): expected JSON, found a syntax error: invalid symbol'],
  [
    `[\n${'{"userName": "user1"},\n'.repeat(100_000)}]`,
    'users (FILE, line 100002): expected JSON, found a syntax error: value expected',
  ],
  ['[{"userName": "user1",}]', 'users (FILE, line 1): expected JSON, found a syntax error: property name expected'],
  ['{"userName": "user1"}', 'users (FILE): expected a list of users, found an object'],
  ['null', 'users (FILE): expected a list of users, found null'],
  ['["user1"]', 'users[0] (FILE, line 1): expected an object with userName, found "user1"'],
  ['[{}]', `users[0].userName (FILE, line 1): expected ${userName}, found nothing`],
  ['[{"userName": ""}]', `users[0].userName (FILE, line 1): expected ${userName}, found ""`],
  ['[{"userName": 201}]', `users[0].userName (FILE, line 1): expected ${userName}, found 201`],
  ['[{"userName": "user 1"}]', `users[0].userName (FILE, line 1): expected ${userName}, found "user 1"`],
  ['[{"userName": "a@b"}]', `users[0].userName (FILE, line 1): expected ${userName}, found "a@b"`],
  [
    '[{"userName": "a\\r\\nVia: b"}]',
    String.raw`users[0].userName (FILE, line 1): expected ${userName}, found "a\r\nVia: b"`,
  ],
  [
    '[{"userName": "a"}, {"userName": "b", "aliases": ["1", "<2>"]}]',
    `users[1].aliases[1] (FILE, line 1): expected ${userName}, found "<2>"`,
  ],
  ['[{"userName": "a", "aliases": "201"}]', 'users[0].aliases (FILE, line 1): expected a list of aliases, found "201"'],
  [
    '[{"userName": "a", "identity": "a"}]',
    'users[0].identity (FILE, line 1): expected a SIP address such as user1@example.com, found "a"',
  ],
  [
    '[{"userName": "a", "identity": "sip:a@example.com:5060"}]',
    'users[0].identity (FILE, line 1): expected a SIP address such as user1@example.com, found "sip:***@example.com:5060"',
  ],
  [
    '[{"userName": "a", "displayName": "A\\nB"}]',
    String.raw`users[0].displayName (FILE, line 1): expected a text of at most 255 characters on one line, found "A\nB"`,
  ],
  [
    '[{"userName": "a", "pin": 1234}]',
    'users[0].pin (FILE, line 1): expected a text on one line, found a number (not shown)',
  ],
  [
    '[{"userName": "a", "sipPassword": "1\\n2"}]',
    'users[0].sipPassword (FILE, line 1): expected a text on one line, found a string (not shown)',
  ],
  [
    '[{"userName": "a", "passtoken": "secret"}]',
    `users[0].passtoken (FILE, line 1): expected ${md5('userName:realm:sipPassword')}, found a string (not shown)`,
  ],
  [
    '[{"userName": "a", "pintoken": "secret"}]',
    `users[0].pintoken (FILE, line 1): expected ${md5('userName:realm:pin')}, found a string (not shown)`,
  ],
  [
    '[{"userName": "a", "sipPassword": "1", "passtoken": "0cc175b9c0f1b6a831c399e269772661"}]',
    'users[0].passtoken (FILE, line 1): expected nothing beside sipPassword, found a string (not shown)',
  ],
  [
    '[{"userName": "a", "pin": "1", "pintoken": "0cc175b9c0f1b6a831c399e269772661"}]',
    'users[0].pintoken (FILE, line 1): expected nothing beside pin, found a string (not shown)',
  ],
  [
    '[{"userName": "a", "sipPasword": "secret"}]',
    'users[0].sipPasword (FILE, line 1): expected a documented key, perhaps sipPassword, found an unknown one',
  ],
  ['[{"userName": "a"}, {"userName": "a"}]', `users (FILE): expected ${oneOwner}, found "a" of "a" and of "a"`],
  [
    '[{"userName": "a", "aliases": ["201"]}, {"userName": "b", "aliases": ["201"]}]',
    `users (FILE): expected ${oneOwner}, found "201" of "a" and of "b"`,
  ],
  [
    '[{"userName": "a"}, {"userName": "b", "aliases": ["a"]}]',
    `users (FILE): expected ${oneOwner}, found "a" of "a" and of "b"`,
  ],
  [
    '[{"userName": "a"}, {"userName": "b", "identity": "a@EXAMPLE.com"}]',
    `users (FILE): expected ${oneOwner}, found "a@example.com" of "a" and of "b"`,
  ],
  [
    '[{"userName": "a", "identity": "x@other.org"}, {"userName": "b", "identity": "x@other.org"}]',
    `users (FILE): expected ${oneOwner}, found "x@other.org" of "a" and of "b"`,
  ],
  ['<validusers', 'users (FILE, line 1): expected well-formed XML, found document must contain a root element.'],
  [
    xml('<user>\n<userName>a</userName>'),
    'users (FILE, line 3): expected well-formed XML, found unexpected close tag.',
  ],
  [`<!DOCTYPE validusers>\n${xml('')}`, 'users (FILE, line 1): expected no DTD, found a declaration'],
  [
    '<validusers/>',
    `users (FILE, line 1): expected the root element validusers in the namespace ${namespace}, found <validusers> in ""`,
  ],
  [
    xml('<user><userName>a</userName></user>\n<user><userName>b c</userName></user>'),
    `users[1].userName (FILE, line 3): expected ${userName}, found "b c"`,
  ],
  [
    xml('<user>\n<userName>a</userName>\n<userName>b</userName></user>'),
    'users (FILE, line 4): expected one <userName>, found a second one',
  ],
  [
    xml('<user><userName>a</userName><passtoken>secret</passtoken></user>'),
    `users[0].passtoken (FILE, line 2): expected ${md5('userName:realm:sipPassword')}, found a string (not shown)`,
  ],
  [
    xml('<user><userName>a</userName><aliases><alias/></aliases></user>'),
    `users[0].aliases[0] (FILE, line 2): expected ${userName}, found ""`,
  ],
];

describe('A user directory that cannot be used', () => {
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
  });

  afterEach(() => {
    folder.remove();
  });

  for (const [content, message] of cases) {
    it(`stops the start with ${message}`, async () => {
      expect(await failure(folder.write('users', content))).to.equal(message);
    });
  }

  it('stops the start when it is missing, a folder, or longer than 64 MiB', async () => {
    const missing = join(folder.path, 'none.json');
    expect(await failure(missing)).to.equal('users (FILE): expected a readable file, found ENOENT');

    const aFolder = join(folder.path, 'folder');
    mkdirSync(aFolder);
    expect(await failure(aFolder)).to.equal('users (FILE): expected a file, found something else');

    const long = folder.write('long.json', '');
    truncateSync(long, 64 * 1024 * 1024 + 1);
    expect(await failure(long)).to.equal('users (FILE): expected at most 64 MiB, found 67108865 bytes');
  });
});

async function failure(file: string): Promise<string> {
  try {
    const options = { realm: 'example.com', domain: 'example.com', log: new RecordingLog() };
    await (await Directory.open(file, options)).close();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message.replaceAll(file, 'FILE');
    throw error;
  }
  throw new Error('the user directory was accepted');
}
