import type { Ref } from 'preact';
import type { CallInfo, CallMessage } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';
import { type Arrow, type Lane, lanesOf, offsetText, targetOf } from './ladder.js';
import { isNarrow } from './screen.js';

const TOP = 56;
const STEP = 34;
/** Length of an arrow's head. */
const HEAD = 6;

/** How a ladder is laid out, in units of the drawing. */
interface Layout {
  readonly width: number;
  /** Where the first lane is: the times stand on the left of it. */
  readonly first: number;
  readonly last: number;
  /** A longer label is cut off. */
  readonly labelLength: number;
}

const WIDE: Layout = { width: 720, first: 120, last: 660, labelLength: 40 };
const NARROW: Layout = { width: 350, first: 72, last: 318, labelLength: 14 };

interface Ladder {
  readonly call: CallInfo;
  readonly arrows: readonly Arrow[];
  readonly selected: CallMessage | undefined;
  readonly onSelect: (message: CallMessage) => void;
  readonly drawing: Ref<SVGSVGElement>;
}

/** The messages of a call as arrows between those who sent them, oldest on top. */
export function LadderView({ call, arrows, selected, onSelect, drawing }: Ladder) {
  const layout = isNarrow.value ? NARROW : WIDE;
  const { width, first, last } = layout;
  const height = TOP + Math.max(1, arrows.length) * STEP + 16;
  const lanes = lanesOf(arrows);
  const xOf = (lane: Lane): number => first + ((last - first) * lanes.indexOf(lane)) / (lanes.length - 1);
  return (
    <svg
      ref={drawing}
      class="ladder"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="group"
      aria-label="Messages of the call, oldest first"
    >
      {lanes.map((lane) => (
        <g key={lane} class="lane">
          <line x1={xOf(lane)} x2={xOf(lane)} y1={TOP - 12} y2={height - 8} />
          <text x={xOf(lane)} y={TOP - 36}>
            {shortened(titleOf(lane, call, arrows), layout.labelLength / 2)}
          </text>
          <text x={xOf(lane)} y={TOP - 20} class="small">
            {isNarrow.value ? lane : SUBTITLES[lane]}
          </text>
        </g>
      ))}
      {arrows.map((arrow, index) => (
        <ArrowView
          key={index}
          arrow={arrow}
          x1={xOf(arrow.from)}
          x2={xOf(arrow.to)}
          y={TOP + index * STEP + 18}
          layout={layout}
          isSelected={arrow.message === selected}
          onSelect={onSelect}
        />
      ))}
    </svg>
  );
}

const SUBTITLES: Readonly<Record<Lane, string>> = {
  target: 'transfer target',
  caller: 'calling telephone',
  proxy: 'of the domain',
  controller: 'call controller',
  callee: 'called telephone',
};

function titleOf(lane: Lane, { caller, callee }: CallInfo, arrows: readonly Arrow[]): string {
  if (lane === 'caller') return nameOf(caller);
  if (lane === 'callee') return nameOf(callee);
  if (lane === 'target') return targetOf(arrows) ?? 'target';
  return lane === 'proxy' ? 'proxy' : 'sipxrest';
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

interface ArrowPlace {
  readonly arrow: Arrow;
  readonly x1: number;
  readonly x2: number;
  readonly y: number;
  readonly layout: Layout;
  readonly isSelected: boolean;
  readonly onSelect: (message: CallMessage) => void;
}

function ArrowView({ arrow, x1, x2, y, layout: { width, labelLength }, isSelected, onSelect }: ArrowPlace) {
  const { message, from, to, label, tone, offsetMs } = arrow;
  const back = x2 > x1 ? -HEAD : HEAD;
  const select = (): void => onSelect(message);
  const selectByKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    select();
  };
  return (
    <g
      class={`arrow ${tone}${isSelected ? ' selected' : ''}`}
      role="button"
      tabIndex={0}
      aria-pressed={isSelected}
      aria-label={`${label}, from ${from} to ${to}, after ${(offsetMs / 1000).toFixed(3)} seconds`}
      onClick={select}
      onKeyDown={selectByKey}
    >
      <rect x={0} y={y - 22} width={width} height={STEP - 2} class="hit" />
      <text x={50} y={y - 1} class="time">
        {offsetText(offsetMs)}
      </text>
      <line x1={x1} y1={y} x2={x2} y2={y} />
      <path d={`M${x2} ${y}l${back} -4v8z`} />
      <text x={(x1 + x2) / 2} y={y - 6} class="label">
        {shortened(label, labelLength)}
      </text>
    </g>
  );
}
