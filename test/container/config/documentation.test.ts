import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Directory } from '../../../container/accounts/directory.js';
import { userShape } from '../../../container/accounts/users.js';
import { pluginsVariable, variables } from '../../../container/config/environment.js';
import { loadSettings } from '../../../container/config/load.js';
import type { Settings } from '../../../container/config/settings.js';
import { keysAt } from '../../../container/config/settings.js';
import { settings as redirectSettings } from '../../../plugins/redirect/settings.js';
import { RecordingLog } from '../accounts/recording-log.js';
import { Folder } from './folder.js';

const text = readFileSync(fileURLToPath(new URL('../../../../docs/configuration.md', import.meta.url)), 'utf8');

/** The rows of the table whose head starts with these titles, cell by cell, without backticks. */
function table(...titles: string[]): string[][] {
  const lines = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
  const head = lines.findIndex((cells) => titles.every((title, index) => cells[index + 1] === title));
  const end = lines.findIndex((cells, index) => index > head && cells.length < 3);
  return lines.slice(head + 2, end).map((cells) => cells.slice(1, -1));
}

function example(language: string, index: number): string {
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))];
  return blocks[index]?.[1] ?? '';
}

describe('docs/configuration.md', () => {
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
    for (const name of ['users.json', 'key.pem', 'cert.pem']) folder.write(name, '[]');
  });

  afterEach(() => {
    folder.remove();
  });

  it('names every key with its environment variable, and no others', () => {
    const keys = keysAt([]).flatMap((key) => {
      const inner = keysAt([key]);
      return inner.length === 0 ? [key] : inner.map((name) => `${key}.${name}`);
    });
    const documented = table('key', 'environment', 'default').map(([key, variable]) => [key, variable]);
    expect(documented.map(([key]) => key)).to.deep.equal(keys);
    expect(documented).to.have.deep.members([...variables, pluginsVariable].map(({ key, name }) => [key, name]));
  });

  it('gives the defaults that hold', () => {
    const env = { SIPXREST_SIPX_PROXY_DOMAIN: 'example.com', SIPXREST_USERS: `${folder.path}/users.json` };
    const defaults = new Map<string, unknown>(Object.entries(loadSettings({ env })));
    const documented = table('key', 'environment', 'default').filter(
      ([key = '', , value = '']) => !key.includes('.') && !/^(required|none|see .*|sipxProxyDomain)$/.test(value),
    );
    expect(documented).to.have.length(14);
    for (const [key = '', , value] of documented) expect(String(defaults.get(key)), key).to.equal(value);
  });

  it('names every key of a user', () => {
    const users = text.slice(text.indexOf('## Users file'));
    expect([...users.matchAll(/^\| `(\w+)` /gm)].map(([, key]) => key)).to.deep.equal(Object.keys(userShape));
  });

  it('names every setting of the redirect, with its default', () => {
    const documented = table('setting', 'default', 'meaning').map(([setting, value]) => [setting, value]);
    expect(documented.map(([setting]) => setting)).to.deep.equal(Object.keys(redirectSettings.shape));
    const { timeoutMs } = redirectSettings.parse({});
    expect(documented).to.deep.include(['timeoutMs', String(timeoutMs)]);
  });

  it('has a farm of two nodes as an example that works', () => {
    const [front, behind] = [1, 2].map((index): Settings =>
      loadSettings({ configFile: folder.write(`farm${index}.yaml`, example('yaml', index)), env: {} }),
    );
    const { callcontroller } = redirectSettings.parse(front?.plugins['redirect']);
    expect(callcontroller).to.be.instanceOf(URL).with.property('host', `${behind?.ipAddress}:${behind?.httpPort}`);
    expect(behind?.insideNetworks).to.include(`${front?.ipAddress}/32`);
  });

  it('has examples that work and say the same in JSON and YAML', () => {
    const [json, yaml] = (['json', 'yaml'] as const).map((kind): Settings =>
      loadSettings({ configFile: folder.write(`c.${kind}`, example(kind, 0)), env: {} }),
    );
    expect(json).to.include({ sipProxy: 'sip:192.0.2.20:5060', users: `${folder.path}/users.json` });
    expect({ ...yaml, configFile: json?.configFile }).to.deep.equal(json);

    const xml = folder.write('c.xml', example('xml', 0));
    expect(loadSettings({ configFile: xml, env: { SIPXREST_USERS: `${folder.path}/users.json` } })).to.include({
      ipAddress: '192.0.2.10',
      sipxProxyDomain: 'example.com',
      logLevel: 'info',
    });
  });

  for (const [language, index] of [
    ['json', 1],
    ['xml', 1],
  ] as const) {
    it(`has a users file in ${language} that works`, async () => {
      const options = { realm: 'example.com', domain: 'example.com', log: new RecordingLog() };
      const users = await Directory.open(folder.write('users', example(language, index)), options);
      await users.close();
      expect(users.find('201@example.com')).to.include({
        userName: 'user1',
        displayName: 'User One',
        hasSipCredentials: true,
      });
    });
  }
});
