import type { Benchmark } from './benchmark.js';
import { comparison, type Figure, inTurn, oursAlone } from './figures.js';
import { Readers } from './load/readers.js';
import { startPhone } from './peers/phone.js';
import { type Sipxrest, startSipxrest } from './peers/sipxrest.js';
import { Generator } from './load/generator.js';
import { Stops } from './stops.js';
import { count } from './table.js';

const perSecond = 300;
const seconds = 5;
const warmUpSeconds = 10;
const readers = 1_000;
const callsPerSecond = 100;
const connections = 16;
const getMs = 1_000;
/** Warm-up until all code is compiled, which takes longer than one would expect. */
const getWarmUpRounds = 8;
/** Highest CPU of `/v1` relative to the URLs of the service description. */
const target = { of: 'ratio', most: 1.3 } as const;
const OLD = 'its old URL';

/** `/v1` compared with the URLs of the service description in the same container, and the cost of event readers. */
export const api: Benchmark = async ({ rounds }) => {
  const stops = new Stops();
  try {
    const generator = await stops.add(new Generator());
    const phone = await stops.add(startPhone());
    const server = await stops.add(startSipxrest({ phonePort: phone.port, resultCacheTimeS: 60 }));
    const load = new ApiLoad(generator, server);
    const post = await placing(load, rounds);
    const get = await showing(load, rounds);
    return [post, get, await streaming(load, rounds)];
  } finally {
    await stops.stop();
  }
};

/** CPU of a call, from the POST to its end. */
async function placing(load: ApiLoad, rounds: number): Promise<Figure> {
  const ours = () => load.cpuOfCalls(load.newPost, perSecond, seconds);
  const old = () => load.cpuOfCalls(load.server.placeCall, perSecond, seconds);
  await load.cpuOfCalls(load.server.placeCall, perSecond, warmUpSeconds);
  await load.cpuOfCalls(load.newPost, perSecond, warmUpSeconds);
  const taken = await inTurn(rounds, ours, old);
  const text = { what: `CPU of a call by POST /v1/calls at ${perSecond} calls/s`, unit: 'ms', target };
  return comparison(text, OLD, taken.ours, taken.other);
}

/** CPU of one GET of a call. */
async function showing(load: ApiLoad, rounds: number): Promise<Figure> {
  const id = await load.placeOne();
  const ours = () => load.cpuOfGets(`GET /v1/calls/${id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  const old = () => load.cpuOfGets('GET /callcontroller/user1/user2 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await inTurn(getWarmUpRounds, ours, old);
  const taken = await inTurn(rounds, ours, old);
  return comparison({ what: 'CPU of GET /v1/calls/{id}', unit: 'ms', target }, OLD, taken.ours, taken.other);
}

/** Cost of an event for each reader: the CPU of the same calls with and without readers. */
async function streaming(load: ApiLoad, rounds: number): Promise<Figure> {
  const { server } = load;
  const costs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const without = await load.cpuOfCalls(load.newPost, callsPerSecond, seconds);
    const reading = await Readers.open(server.httpPort, readers);
    try {
      const beforeMs = await server.cpuMs();
      await load.cpuOfCalls(load.newPost, callsPerSecond, seconds);
      const events = await reading.count();
      const cpuMs = (await server.cpuMs()) - beforeMs;
      costs.push((1_000 * (cpuMs - without * callsPerSecond * seconds)) / events);
    } finally {
      await reading.stop();
    }
  }
  const what = `CPU of an event for each of ${count(readers)} readers at ${callsPerSecond} calls/s`;
  return oursAlone({ what, unit: 'µs' }, costs);
}

class ApiLoad {
  /** Places a call like `placeCall` of the server. */
  readonly newPost: string;
  #placed = 0;

  constructor(
    private readonly generator: Generator,
    readonly server: Sipxrest,
  ) {
    const order = { caller: 'phone######', callee: 'user2', agent: 'user1', method: 'refer', keepSeconds: 60 };
    const body = JSON.stringify(order);
    this.newPost =
      'POST /v1/calls HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body}`;
  }

  /** @returns milliseconds for each call */
  async cpuOfCalls(request: string, rate: number, forSeconds: number): Promise<number> {
    const calls = rate * forSeconds;
    const beforeMs = await this.server.cpuMs();
    const job = { port: this.server.httpPort, request, first: this.#placed, count: calls, perSecond: rate };
    this.#placed += calls;
    const { failed } = await this.generator.atRate(job);
    if (failed > 0) throw new Error(`${failed} of ${calls} calls were not placed`);
    return ((await this.server.cpuMs()) - beforeMs) / calls;
  }

  /** @returns milliseconds for each request */
  async cpuOfGets(request: string): Promise<number> {
    const beforeMs = await this.server.cpuMs();
    const job = { port: this.server.httpPort, request, distinct: 1, connections, durationMs: getMs };
    const { answered, failed } = await this.generator.flood(job);
    if (failed > 0) throw new Error(`${failed} requests failed`);
    return ((await this.server.cpuMs()) - beforeMs) / answered;
  }

  /** Places a call from user1 to user2 with a record that outlives the benchmark. @returns the id of the call */
  async placeOne(): Promise<string> {
    const { container } = this.server;
    const placed = await container.post('/callcontroller/user1/user2?resultCacheTime=3600');
    const id = placed.headers.get('location')?.split('/').at(-1);
    if (id === undefined) throw new Error(`No call was placed: ${placed.status}`);
    return id;
  }
}
