import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { programPath } from '../support/peers/programs.js';
import { freePorts } from '../support/ports.js';
import { Program } from '../support/process.js';
import { readScenario } from '../support/sipp/scenario.js';

/** Columns of a file of SIPp, with the values that were written last. */
type Row = ReadonlyMap<string, number>;

const START_MS = 10_000;

/** SIPp as all the telephones of the scenario `every-outcome`, with what it counts itself. */
export class SippPhones {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly program: Program,
  ) {}

  static async start(): Promise<SippPhones> {
    const folder = await mkdtemp(join(tmpdir(), 'sipp-phones-'));
    await writeFile(join(folder, 'phones.xml'), readScenario('every-outcome'));
    const port = await freePorts();
    const settings = {
      '-sf': 'phones.xml',
      '-i': '127.0.0.1',
      '-p': String(port),
      '-cp': String(await freePorts()),
      '-buff_size': String(4 * 1024 * 1024),
      // A message that comes again when the scenario is further does not end the call.
      '-default_behaviors': 'all,-abortunexp',
      '-stf': 'statistics.csv',
      '-fd': '1',
    };
    const args = ['-nostdin', '-trace_stat', '-trace_counts', ...Object.entries(settings).flat()];
    const program = await Program.start('sipp', { command: programPath('sipp'), args, folder });
    const phones = new SippPhones(port, folder, program);
    // SIPp writes its first line when its sockets are open.
    const deadlineMs = performance.now() + START_MS;
    while ((await phones.statistics()).size === 0) {
      if (!program.isRunning || performance.now() > deadlineMs) {
        await phones.stop();
        throw new Error(`${program.report()}\nSIPp did not start`);
      }
      await delay(100);
    }
    return phones;
  }

  /** Calls and outcomes: `SuccessfulCall(C)`, `connected(C)`. */
  async statistics(): Promise<Row> {
    return lastRow(await this.#read('statistics.csv'));
  }

  /** Messages by their place in the scenario: `0_INVITE_Recv`, `0_INVITE_Retrans`, `3_100_Sent`. */
  async messages(): Promise<Row> {
    const name = (await readdir(this.folder)).find((file) => file.endsWith('_counts.csv'));
    return lastRow(name === undefined ? '' : await this.#read(name));
  }

  async stop(): Promise<void> {
    this.program.kill();
    await this.program.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8').catch(() => '');
  }
}

/** SIPp writes a line every second, under a line of titles. */
function lastRow(csv: string): Row {
  const [titles = '', ...lines] = csv.split('\n').filter((line) => line.endsWith(';'));
  const values = lines.at(-1)?.split(';') ?? [];
  const names = values.length === 0 ? [] : titles.split(';');
  return new Map(names.map((name, index) => [name, Number(values[index])]));
}
