import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { Minutes } from './history.js';
import { isDark } from './screen.js';

const HEIGHT = 180;
/** Between two times on an axis, and between two numbers of calls. */
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360];
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000];

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
  const scheme = isDark.value;
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
  }, [scheme]);
  useEffect(() => chart.current?.setData([[...times], [...values]]), [times, values, scheme]);
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
  const grid = { stroke: colorOf(element, '--line'), width: 1 };
  const axis = { stroke: colorOf(element, '--quiet'), grid, ticks: grid };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, incrs: MINUTES.map((minutes) => minutes * 60), values: (_plot, times) => times.map(minuteText) },
      { ...axis, size: 48, ...(unit === 'calls' && { incrs: WHOLE }) },
    ],
    series: [{}, { label: unit, stroke: colorOf(element, color), width: 2, points: { show: true, size: 5 } }],
  };
}

/** What a custom property means here: a canvas knows colours, but neither properties nor light and dark. */
function colorOf(element: HTMLElement, property: string): string {
  element.style.color = `var(${property})`;
  return getComputedStyle(element).color;
}

function minuteText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
}
