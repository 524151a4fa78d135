import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIB = 1_048_576;
/** Where Linux shows its groups of processes: of version 2 of the interface, and of version 1. */
const ROOTS = [
  { folder: '/sys/fs/cgroup', limit: 'memory.max', peak: 'memory.peak' },
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes' },
] as const;

/** A group of processes with a memory limit; the kernel kills processes that exceed it. */
export class MemoryBound {
  private constructor(
    private readonly folder: string,
    private readonly root: (typeof ROOTS)[number],
  ) {}

  /** Undefined if this user may not create one. */
  static async make(mib: number): Promise<MemoryBound | undefined> {
    for (const root of ROOTS) {
      const folder = join(root.folder, `sipxrest-${process.pid}`);
      try {
        await mkdir(folder);
      } catch {
        continue;
      }
      try {
        // Only where it is there: the folder of version 2 may be one of a plain file system.
        await writeFile(join(folder, root.limit), String(mib * MIB), { flag: 'r+' });
        return new MemoryBound(folder, root);
      } catch {
        await rmdir(folder).catch(() => undefined);
      }
    }
    return undefined;
  }

  /** Processes started meanwhile belong to the group. */
  async around<T>(start: () => Promise<T>): Promise<T> {
    const before = await this.#ownFolder();
    await writeFile(join(this.folder, 'cgroup.procs'), String(process.pid));
    try {
      return await start();
    } finally {
      await writeFile(join(before, 'cgroup.procs'), String(process.pid));
    }
  }

  /** Peak memory of the group, including page cache, in MiB. */
  async peakMiB(): Promise<number> {
    return Math.round(Number(await readFile(join(this.folder, this.root.peak), 'utf8')) / MIB);
  }

  /** Its processes have ended. */
  async remove(): Promise<void> {
    await rmdir(this.folder);
  }

  /** The group of this process. */
  async #ownFolder(): Promise<string> {
    const groups = (await readFile('/proc/self/cgroup', 'utf8')).split('\n').map((line) => line.split(':'));
    const isOne = this.root.limit === 'memory.max';
    const own = groups.find(([, controllers]) => (isOne ? controllers === '' : controllers === 'memory'));
    return join(this.root.folder, own?.[2] ?? '/');
  }
}
