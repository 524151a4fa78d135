import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Folder } from '../config/folder.js';

const command = fileURLToPath(new URL('../../../container/main.js', import.meta.url));

describe('sipxrest check-config', function () {
  this.timeout(60_000);
  let folder: Folder;

  beforeEach(() => {
    folder = new Folder();
    folder.write('users.json', '[{"userName": "user1"}]');
  });

  afterEach(() => folder.remove());

  /** @returns the exit code, and the lines on standard error with FOLDER for the folder */
  async function run(args: readonly string[]): Promise<{ code: unknown; lines: string[]; output: string }> {
    const env = { PATH: process.env['PATH'] };
    const child = spawn(process.execPath, [command, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const lines = errors.trim().split('\n');
    return { code: code as unknown, output, lines: lines.map((line) => line.replaceAll(folder.path, 'FOLDER')) };
  }

  const faulty = `httpPort: many
sipxProxyDomain: example.com
advertisedAddress: 0.0.0.0
users: users.json
tls: { cert: users.json }
plugins:
  callcontroller: { livenes: 5 }
  api: { webhooks: 7 }
`;

  const faults = [
    'httpPort (FOLDER/c.yaml, line 1): expected a port, an integer from 0 to 65535, found "many"',
    'advertisedAddress (FOLDER/c.yaml, line 3): expected an IP address that others can reach, not a host name or 0.0.0.0, found "0.0.0.0"',
    'tls.key (SIPXREST_TLS_KEY or FOLDER/c.yaml): expected the path of a PEM file to go with tls.cert, found nothing',
    'users[0].userName (FOLDER/users.json, line 2): expected a SIP user name, without spaces and @, found "a b"',
    'users[1].pinn (FOLDER/users.json, line 3): expected a documented key, perhaps pin, found an unknown one',
    'plugins.callcontroller.livenes (FOLDER/c.yaml, line 7): expected',
    'plugins.api.webhooks (FOLDER/c.yaml, line 8): expected',
  ];

  it('reports every fault of the configuration, the users and the plugins at once, with file and line', async () => {
    const file = folder.write('c.yaml', faulty);
    folder.write('users.json', '[\n{"userName": "a b"},\n{"userName": "user2", "pinn": "1"}]');
    const { code, lines } = await run(['check-config', '--config', file]);
    expect(code).to.equal(1);
    for (const fault of faults) expect(lines.join('\n')).to.include(fault);
    expect(lines.filter((line) => !line.startsWith('warning: '))).to.have.length(faults.length);
  });

  it('reports the same faults at a start, which then fails', async () => {
    const file = folder.write('c.yaml', faulty);
    folder.write('users.json', '[\n{"userName": "a b"},\n{"userName": "user2", "pinn": "1"}]');
    const { code, lines, output } = await run(['start', '--config', file]);
    expect(code).to.equal(1);
    expect(output).to.equal('');
    for (const fault of faults) expect(lines.join('\n')).to.include(fault);
  });

  it('warns of a proxy and a directory that do not answer, but passes', async () => {
    const file = folder.write(
      'c.yaml',
      `httpPort: 0
webPort: 0
publicHttpPort: 0
sipPort: 0
sipxProxyDomain: example.com
users: users.json
sipProxy: sip:127.0.0.1:1;lr
ldap: { url: "ldap://127.0.0.1:1", base: dc=example }
`,
    );
    const { code, lines, output } = await run(['check-config', '--config', file]);
    expect(code, lines.join('\n')).to.equal(0);
    expect(output).to.equal(`ok ${file}, with warnings\n`);
    expect(lines).to.have.length(2);
    expect(lines[0]).to.match(
      /^warning: sipProxy \(FOLDER\/c.yaml, line 7\): expected a proxy that answers OPTIONS, found no answer from sip:127/,
    );
    expect(lines[1]).to.match(
      /^warning: ldap.url \(FOLDER\/c.yaml, line 8\): expected a directory that can be searched, found an error \(.*ECONNREFUSED/,
    );
  });

  it('reports an address that is not one of this host', async () => {
    const file = folder.write(
      'c.json',
      JSON.stringify({ ipAddress: '192.0.2.1', sipxProxyDomain: 'example.com', users: 'users.json' }),
    );
    const { code, lines } = await run(['check-config', '--config', file]);
    expect(code).to.equal(1);
    expect(lines[0]).to.equal('ipAddress (FOLDER/c.json, line 1): expected an address of this host, found 192.0.2.1');
  });
});
