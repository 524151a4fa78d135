import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freeTcpPort } from './free-port.js';

const HOST = '127.0.0.1';
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** How long a step of the demonstration may take: starting a process on a busy machine is the longest. */
const STEP_MS = 60_000;
const POLL_MS = 100;

interface Call {
  readonly id: string;
  readonly status: string;
  readonly isFinal: boolean;
  readonly isHeld?: boolean;
  readonly node: string;
}

/** A node in a process of its own. */
interface DemoNode {
  readonly process: ChildProcess;
  readonly url: string;
  /** As calls name it. */
  readonly name: string;
}

/**
 * Shows what happens to a call when its node dies: starts a Redis and the nodes, places a call, kills its node, holds the call and hangs
 * it up on another.
 * @param writeConfig writes the configuration of a node with these settings, and gives its path
 * @returns whether all steps succeeded
 */
export async function demoNodes(
  count: number,
  writeConfig: (settings: Readonly<Record<string, unknown>>) => Promise<string>,
  say: (text: string) => void,
): Promise<boolean> {
  const children: ChildProcess[] = [];
  process.once('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });
  try {
    const port = await freeTcpPort(HOST);
    say(`$ redis-server --port ${port}`);
    children.push(await startRedis(port));
    const configFile = await writeConfig({ redis: `redis://${HOST}:${port}` });
    const starting = Array.from({ length: count }, async () => startNode(configFile, children));
    const nodes = await Promise.all(starting);
    for (const { url, name } of nodes) say(`node ${name} is ready: ${url}`);
    return await playCall(nodes, say);
  } finally {
    await Promise.all(children.map(async (child) => end(child)));
  }
}

async function playCall(nodes: readonly DemoNode[], say: (text: string) => void): Promise<boolean> {
  const [first] = nodes;
  if (!first) return false;
  say(`$ curl -X POST ${first.url}/v1/calls -d '{"caller":"user1","callee":"user2","method":"invite"}'`);
  const { id } = await ask(first, 'POST', '/v1/calls', { caller: 'user1', callee: 'user2', method: 'invite' });
  const connected = await until(first, id, ({ status }) => status === 'connected');
  say(`The call ${id} is connected, on node ${connected.node}.`);
  const owner = nodes.find(({ name }) => name === connected.node) ?? first;
  const other = nodes.find((node) => node !== owner) ?? owner;
  say(`$ kill -9 ${owner.process.pid}`);
  const diedAtMs = performance.now();
  owner.process.kill('SIGKILL');
  const taken = await until(other, id, ({ node }) => node !== owner.name);
  const seconds = ((performance.now() - diedAtMs) / 1_000).toFixed(1);
  say(`${seconds} s later node ${taken.node} has the call, and it is ${taken.status}.`);
  say(`$ curl -X POST ${other.url}/v1/calls/${id}/hold`);
  await ask(other, 'POST', `/v1/calls/${id}/hold`);
  await until(other, id, ({ isHeld }) => isHeld === true);
  say('The call is held.');
  say(`$ curl -X DELETE ${other.url}/v1/calls/${id}`);
  await ask(other, 'DELETE', `/v1/calls/${id}`);
  const { status } = await until(other, id, ({ isFinal }) => isFinal);
  say(`The call is over: ${status}.`);
  return taken.status === 'connected' && status === 'disconnected';
}

/** @throws Error where there is no redis-server */
async function startRedis(port: number): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', HOST, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  if (child.pid === undefined) {
    await once(child, 'error');
    throw new Error('--nodes needs redis-server: apt-get install redis-server');
  }
  await lineOf(child, (line) => line.includes('Ready to accept'));
  return child;
}

async function startNode(configFile: string, children: ChildProcess[]): Promise<DemoNode> {
  // Of a group of its own: Ctrl-C is for the demonstration, which ends its nodes.
  const options = { stdio: ['ignore', 'pipe', 'ignore'] as ('ignore' | 'pipe')[], detached: true };
  const child = spawn(process.execPath, [MAIN, 'start', '--config', configFile], options);
  children.push(child);
  const line = await lineOf(child, (text) => text.startsWith('{"ready":true'));
  const { http, sip } = JSON.parse(line) as { readonly http: number; readonly sip: number };
  return { process: child, url: `http://${HOST}:${http}`, name: `${HOST}:${sip}` };
}

async function lineOf(child: ChildProcess, isWanted: (line: string) => boolean): Promise<string> {
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const timer = setTimeout(() => lines.close(), STEP_MS);
  try {
    for await (const line of lines) if (isWanted(line)) return line;
  } finally {
    clearTimeout(timer);
  }
  throw new Error('a process of the demonstration has not started');
}

async function until(node: DemoNode, id: string, isWanted: (call: Call) => boolean): Promise<Call> {
  const endsAtMs = performance.now() + STEP_MS;
  for (;;) {
    const call = await ask(node, 'GET', `/v1/calls/${id}`);
    if (isWanted(call)) return call;
    if (performance.now() > endsAtMs) throw new Error(`the call is still ${call.status}, on node ${call.node}`);
    await delay(POLL_MS);
  }
}

async function ask(node: DemoNode, method: string, path: string, body?: unknown): Promise<Call> {
  const content =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  const response = await fetch(node.url + path, { method, ...content });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Call;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
