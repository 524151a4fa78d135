import { rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadSettings } from '../config/load.js';
import { Container } from '../container.js';
import { type ContainerLog, createLog } from '../log.js';
import { selfSigned } from '../security/self-signed.js';
import { readProgress } from './call-progress.js';
import { exitSoon } from './exit.js';
import { UsageError } from './command.js';
import { demoNodes } from './demo-nodes.js';
import { freeTcpPort, freeUdpPort } from './free-port.js';
import { openBrowser } from './open-browser.js';
import { stopSignal } from './stop-signal.js';

const HOST = '127.0.0.1';
const DOMAIN = 'sandbox.test';
const USERS = ['user1', 'user2', 'user3', 'busy', 'noanswer', 'reject'];
/** After this time a call that has not ended counts as failed. */
const CALL_TIMEOUT_MS = 30_000;
const POLL_MS = 100;
/** As long as somebody may look at the console. */
const KEEP_SECONDS = 3_600;

export interface DemoOptions {
  /** Ends after the call. */
  readonly once?: boolean | undefined;
  /** Opens the console in the user's browser. */
  readonly open?: boolean | undefined;
  /** Number of nodes to start, to show what happens to a call when its node dies. */
  readonly nodes?: string | undefined;
}

/**
 * Runs the container with the sandbox, and places a call from user1 to user2 over HTTP. Then it stays up, for curl.
 * @returns the exit code: 0 when the call succeeded
 */
export async function demo(options: DemoOptions): Promise<number> {
  const stopped = stopSignal();
  const log = createLog('warn');
  const folder = await mkdtemp(join(tmpdir(), 'sipxrest-demo-'));
  // A second Ctrl-C, or a reader of the output that goes away, ends the process at once.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.stdout.once('error', () => process.exit(1));
  let container: Container | undefined;
  try {
    container = await startSandbox(folder, log);
    if (options.nodes !== undefined) {
      const shown = demoNodes(countOf(options.nodes), (more) => writeNode(folder, more), say);
      return (await Promise.race([shown, stopped])) === true ? 0 : 1;
    }
    const base = `http://${HOST}:${container.ports.http}`;
    const succeeded = await Promise.race([
      placeCall(`${base}/callcontroller/user1/user2`),
      stopped.then(() => undefined),
    ]);
    if (succeeded === undefined) return 1;
    say(succeeded ? 'user1 and user2 talk to each other.' : 'The call failed.');
    if (!options.once) {
      await placeMore(base);
      const page = `http://${HOST}:${container.ports.web}/`;
      say(`\nThe console, a page to place calls and watch them: ${page}`);
      if (options.open) openBrowser(page);
      say(suggestions(base));
      say(suggestionsOutside(`https://${HOST}:${container.ports.publicHttp}`));
      await stopped;
    }
    return succeeded ? 0 : 1;
  } finally {
    await container?.stop();
    await rm(folder, { recursive: true, force: true });
    exitSoon(log);
  }
}

async function startSandbox(folder: string, log: ContainerLog): Promise<Container> {
  const users = join(folder, 'users.json');
  const configFile = join(folder, 'config.json');
  const tls = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  const port = await freeUdpPort(HOST);
  const directory = USERS.map((userName) => ({ userName, displayName: userName, pin: '123', sipPassword: '123' }));
  const config = {
    ipAddress: HOST,
    httpPort: 0,
    webPort: await freeTcpPort(HOST),
    publicHttpPort: await freeTcpPort(HOST),
    sipPort: 0,
    sipxProxyDomain: DOMAIN,
    sipProxy: `sip:${HOST}:${port};lr`,
    users,
    tls,
    plugins: { sandbox: { port } },
  };
  const { key, cert } = await selfSigned(HOST);
  await writeFile(tls.key, key);
  await writeFile(tls.cert, cert);
  await writeFile(users, JSON.stringify(directory));
  await writeFile(configFile, JSON.stringify(config));
  return Container.start(loadSettings({ configFile, env: {} }), log);
}

/** The configuration of a node whose telephones are the sandbox's. */
async function writeNode(folder: string, more: Readonly<Record<string, unknown>>): Promise<string> {
  const sandbox = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const file = join(folder, 'node.json');
  await writeFile(
    file,
    JSON.stringify({ ...sandbox, webPort: 0, publicHttpPort: 0, plugins: {}, drainSeconds: 0, ...more }),
  );
  return file;
}

/** @throws UsageError on an invalid number */
function countOf(text: string): number {
  if (!/^[2-9]$/.test(text)) throw new UsageError('--nodes must be a number from 2 to 9');
  return Number(text);
}

/** Places a call, prints its record as it grows, and tells whether the two users were connected. */
async function placeCall(url: string): Promise<boolean> {
  say(`$ curl -X POST ${url}`);
  const response = await fetch(url, { method: 'POST' });
  if (!response.ok) {
    say(await response.text());
    return false;
  }
  say(`$ curl ${url}`);
  return follow(url);
}

/** Calls for the console to show: one that is connected, and some that failed. */
async function placeMore(base: string): Promise<void> {
  const orders = [
    { caller: 'user2', callee: 'user3', method: 'invite', subject: 'Hold, transfer or end it on this page' },
    { caller: 'user3', callee: 'busy', method: 'invite' },
    { caller: 'reject', callee: 'user1', method: 'refer' },
  ];
  for (const order of orders)
    await fetch(`${base}/v1/calls`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...order, keepSeconds: KEEP_SECONDS }),
    });
}

async function follow(url: string): Promise<boolean> {
  const deadline = performance.now() + CALL_TIMEOUT_MS;
  let shown = 0;
  while (performance.now() < deadline) {
    const { lines, outcome } = readProgress(await (await fetch(url)).text());
    for (const line of lines.slice(shown)) say(paint(line));
    shown = lines.length;
    if (outcome === 'connected' || outcome === 'failed') return outcome === 'connected';
    await delay(POLL_MS);
  }
  return false;
}

function suggestions(base: string): string {
  const url = `${base}/callcontroller`;
  return `
Try, in another terminal:
${commands([
  ['another call', `curl -X POST '${url}/user2/user1'`],
  ['how far it got', `curl '${url}/user2/user1'`],
  ['user3 places the call', `curl -X POST '${url}/user1/user2?agent=user3'`],
  ['how far that got', `curl '${url}/user1/user2?agent=user3'`],
  ['the called party is busy: NOTIFY 486', `curl -X POST '${url}/user1/busy'`],
  ['the calling party is busy: 486', `curl -X POST '${url}/busy/user1'`],
  ['nobody answers: CANCEL after 3 seconds, 408', `curl -X POST '${url}/noanswer/user2?timeout=3'`],
  ['the calling party declines: 603', `curl -X POST '${url}/reject/user2'`],
  ['a calling user without credentials: 403', `curl -X POST '${url}/nobody/user2'`],
  ['a user that does not exist: 404', `curl -X POST '${url}/nobody/user2?agent=user1'`],
  ['a bad parameter: 400', `curl -X POST '${url}/user1/user2?timeout=abc'`],
  ['the telephones and their calls', `curl '${base}/sandbox'`],
  ['the catalogue of plugins', `curl '${base}/'`],
])}`;
}

/** Lines of curl as they are written in the description of the sipXecs service. */
function suggestionsOutside(base: string): string {
  const url = `${base}/sipxconfig/rest/my/redirect/callcontroller`;
  return `
As somebody outside, over HTTPS, each user with the PIN 123:
${commands([
  ['a call', `curl -k -X POST -u user1:123 '${url}/user1/user2'`],
  ['how far it got', `curl -k -u user1:123 '${url}/user1/user2'`],
  ['user3 places the call', `curl -k -X POST --digest -u user3:123 '${url}/user1/user2?agent=user3'`],
  ['how far that got', `curl -k --digest -u user3:123 '${url}/user1/user2?agent=user3'`],
  ['on behalf of somebody else: 403', `curl -k -u user2:123 '${url}/user1/user2'`],
  ['a wrong PIN: 401, and 429 after a few more', `curl -k -u user1:1234 '${url}/user1/user2'`],
])}
Ctrl-C ends it.`;
}

/** Each line can be pasted into a shell as a whole: its explanation follows a `#`, or stands above on a narrow terminal. */
function commands(list: readonly (readonly [what: string, line: string])[]): string {
  const width = Math.max(...list.map(([, line]) => line.length));
  const isWide = list.every(([what]) => width + what.length + 6 <= (process.stdout.columns ?? Infinity));
  const written = list.map(([what, line]) =>
    isWide ? `  ${line.padEnd(width)}  # ${what}` : `  # ${what}\n  ${line}`,
  );
  return written.join('\n');
}

/** In the colour of its outcome, on a terminal and without NO_COLOR (no-color.org). */
function paint(line: string): string {
  const { isTTY } = process.stdout;
  if (!isTTY || process.env['NO_COLOR'] || process.env['TERM'] === 'dumb') return line;
  const status = /SIP\/2\.0 (\d)/.exec(line)?.[1] ?? '';
  const colour = { '1': 36, '2': 32 }[status] ?? (/ 40[17] /.test(line) ? 33 : 31);
  return `\u001b[${colour}m${line}\u001b[0m`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
