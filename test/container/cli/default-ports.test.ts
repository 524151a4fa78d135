import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const command = fileURLToPath(new URL('../../../container/main.js', import.meta.url));
const timeoutMs = 60_000;

/** In a separate network, where every port is free: starts the container, runs each command line, and stops the container. */
const script = `
ip link set lo up || exit 77
node "$COMMAND" start --config config.json >ready &
for i in $(seq 300); do [ -s ready ] && break; sleep 0.1; done
cat ready
node "$COMMAND" call user1 user2; echo "call ended with $?"
node -e 'require("http").get("http://127.0.0.1:6667/fetching", (response) => response.pipe(process.stdout))'; echo
kill $!; wait $!`;

const plugin = `export default class Fetching {
  constructor(sdk) {
    sdk.routes.get('/', async (ctx) => {
      const { status } = await fetch(sdk.inside().url + '/diagnostics');
      ctx.body = 'fetch got ' + status;
    });
  }
}`;

describe('On the default ports', function () {
  this.timeout(timeoutMs);
  let folder: string;

  before(async function () {
    folder = await mkdtemp(join(tmpdir(), 'sipxrest-defaults-'));
    const isAllowed = await run('unshare', ['--map-root-user', '--net', 'true']).then(
      () => true,
      () => false,
    );
    if (isAllowed) return;
    if (process.env['CI'] === 'true') throw new Error('this user may not make a network namespace (unshare --net)');
    this.skip();
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('a call is placed, and a plugin fetches from its own container', async () => {
    const users = ['user1', 'user2'].map((userName) => ({ userName, pin: '123', sipPassword: '123' }));
    await writeFile(join(folder, 'users.json'), JSON.stringify(users));
    await mkdir(join(folder, 'fetching'));
    await writeFile(join(folder, 'fetching/index.js'), plugin);
    const sipxrest = { uriPrefix: '/fetching', securityLevel: 'LOCAL-ONLY' };
    await writeFile(
      join(folder, 'fetching/package.json'),
      JSON.stringify({ name: 'fetching', type: 'module', sipxrest }),
    );
    const config = {
      sipxProxyDomain: 'sandbox.test',
      sipProxy: 'sip:127.0.0.1:5060;lr',
      users: 'users.json',
      pluginDir: '.',
      plugins: { sandbox: { port: 5060 } },
    };
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const variables = Object.entries(process.env).filter(([name]) => !name.startsWith('SIPXREST_'));
    const env = { ...Object.fromEntries(variables), COMMAND: command };
    const { stdout } = await run('unshare', ['--map-root-user', '--net', 'sh', '-c', script], { cwd: folder, env });
    expect(stdout).to.contain('"http":6667,"web":6680,"publicHttp":8443,"sip":6050');
    expect(stdout).to.contain('call ended with 0').and.contain('fetch got 200');
  });
});
