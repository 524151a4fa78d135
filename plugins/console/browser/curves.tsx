import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { Minutes } from './history.js';

const HEIGHT = 180;

interface Curve {
  readonly title: string;
  readonly unit: string;
  readonly color: string;
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Calls a minute, and how long they took to be connected. */
export function Curves({ minutes }: { readonly minutes: Minutes }) {
  return (
    <div class="curves">
      <CurveView title="Calls a minute" unit="calls" color="--accent" times={minutes.times} values={minutes.counts} />
      <CurveView
        title="Time until connected (median)"
        unit="s"
        color="--good"
        times={minutes.times}
        values={minutes.setUpSeconds}
      />
    </div>
  );
}

function CurveView({ title, unit, color, times, values }: Curve) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | undefined>(undefined);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const plot = new UPlot(optionsOf(element, unit, color), [[], []], element);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, []);
  useEffect(() => chart.current?.setData([[...times], [...values]]), [times, values]);
  const known = values.filter((value) => value !== null);
  const most = known.length === 0 ? 'none' : `at most ${Math.max(...known)} ${unit}`;
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div ref={place} class="curve" role="img" aria-label={`${title}: ${most}, over ${times.length} minutes`} />
    </figure>
  );
}

function optionsOf(element: HTMLElement, unit: string, color: string): UPlot.Options {
  const styles = getComputedStyle(element);
  const ink = styles.getPropertyValue('--quiet');
  const grid = { stroke: styles.getPropertyValue('--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [axis, { ...axis, size: 48 }],
    series: [{}, { label: unit, stroke: styles.getPropertyValue(color), width: 2, points: { show: true, size: 5 } }],
  };
}
