import { readdir, readFile } from 'node:fs/promises';

/** Linux reports CPU time in hundredths of a second, whatever the kernel's tick is. */
const MS_PER_TICK = 10;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** User and system CPU time of a process and its child processes so far, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const processes = await readProcesses();
  const family = processes.filter((process) => process.pid === pid || process.parent === pid);
  return family.reduce((total, process) => total + process.ticks, 0) * MS_PER_TICK;
}

async function readProcesses(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map(readProcess));
}

async function readProcess(pid: string): Promise<Process> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may have spaces, so fields are counted from its end: parent is field 4, utime 14, stime 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0) };
}
