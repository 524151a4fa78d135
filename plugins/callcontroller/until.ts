/**
 * Waits for what `watch` tells of, so many milliseconds at most.
 * @param watch calls its parameter when that has happened; returns what ends the watch
 * @returns fulfilled by then, or when the signal aborts
 */
export async function until(
  watch: (happened: () => void) => () => void,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      unwatch();
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const unwatch = watch(end);
    const timer = setTimeout(end, timeoutMs);
    signal?.addEventListener('abort', end);
  });
}
