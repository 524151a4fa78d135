/*
 * Loaded into the container by `--import`: each SIGUSR2 moves the time of day, as the container sees it, by days, forward
 * first and then back before the start, and reports that on standard error. `performance.now` and timers are not affected, as when
 * somebody sets the clock of a host.
 */

const DAY_MS = 86_400_000;
const OFFSETS_MS = [DAY_MS, -DAY_MS];
const systemNow = Date.now;
let offsetMs = 0;
let count = 0;

const now = (): number => systemNow() + offsetMs;

globalThis.Date = new Proxy(Date, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  get: (target, key): unknown => (key === 'now' ? now : Reflect.get(target, key)),
});

process.on('SIGUSR2', () => {
  offsetMs = OFFSETS_MS[count % OFFSETS_MS.length] ?? 0;
  count += 1;
  process.stderr.write(`${JSON.stringify({ clockSet: count, to: new Date().toISOString() })}\n`);
});
