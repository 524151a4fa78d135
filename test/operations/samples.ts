/** The samples of Prometheus' text format, by name and labels as they stand there. */
export function samplesOf(text: string): Map<string, number> {
  const samples = text.split('\n').flatMap((line): [string, number][] => {
    const [, key, value] = /^(\w+(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, Number(value)]];
  });
  return new Map(samples);
}
