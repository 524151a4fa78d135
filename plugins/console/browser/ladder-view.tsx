import type { Ref } from 'preact';
import { type Call, type Message, nameOf } from './call.js';
import { type Arrow, type Lane, LANES } from './ladder.js';

const WIDTH = 720;
const TOP = 56;
const STEP = 34;
const LANE_X: Readonly<Record<Lane, number>> = { caller: 120, proxy: 290, controller: 490, callee: 660 };
/** Half of the room beside a lane that labels leave free. */
const HEAD = 6;

interface Ladder {
  readonly call: Call;
  readonly arrows: readonly Arrow[];
  readonly selected: Message | undefined;
  readonly onSelect: (message: Message) => void;
  readonly drawing: Ref<SVGSVGElement>;
}

/** The messages of a call as arrows between those who sent them, oldest on top. */
export function LadderView({ call, arrows, selected, onSelect, drawing }: Ladder) {
  const height = TOP + Math.max(1, arrows.length) * STEP + 16;
  return (
    <svg
      ref={drawing}
      class="ladder"
      viewBox={`0 0 ${WIDTH} ${height}`}
      width={WIDTH}
      height={height}
      role="group"
      aria-label="Messages of the call, oldest first"
    >
      {LANES.map((lane) => (
        <g key={lane} class="lane">
          <line x1={LANE_X[lane]} x2={LANE_X[lane]} y1={TOP - 12} y2={height - 8} />
          <text x={LANE_X[lane]} y={TOP - 36}>
            {titleOf(lane, call)}
          </text>
          <text x={LANE_X[lane]} y={TOP - 20} class="small">
            {subtitleOf(lane)}
          </text>
        </g>
      ))}
      {arrows.map((arrow, index) => (
        <ArrowView
          key={index}
          arrow={arrow}
          y={TOP + index * STEP + 18}
          isSelected={arrow.message === selected}
          onSelect={onSelect}
        />
      ))}
    </svg>
  );
}

function titleOf(lane: Lane, { caller, callee }: Call): string {
  if (lane === 'caller') return nameOf(caller);
  if (lane === 'callee') return nameOf(callee);
  return lane === 'proxy' ? 'proxy' : 'sipxrest';
}

function subtitleOf(lane: Lane): string {
  const SUBTITLES: Readonly<Record<Lane, string>> = {
    caller: 'calling telephone',
    proxy: 'of the domain',
    controller: 'call controller',
    callee: 'called telephone',
  };
  return SUBTITLES[lane];
}

interface ArrowPlace {
  readonly arrow: Arrow;
  readonly y: number;
  readonly isSelected: boolean;
  readonly onSelect: (message: Message) => void;
}

function ArrowView({ arrow, y, isSelected, onSelect }: ArrowPlace) {
  const { message, from, to, label, tone, offsetMs } = arrow;
  const x1 = LANE_X[from];
  const x2 = LANE_X[to];
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
      <rect x={0} y={y - 22} width={WIDTH} height={STEP - 2} class="hit" />
      <text x={52} y={y - 1} class="time">
        +{(offsetMs / 1000).toFixed(3)}
      </text>
      <line x1={x1} y1={y} x2={x2} y2={y} />
      <path d={`M${x2} ${y}l${back} -4v8z`} />
      <text x={(x1 + x2) / 2} y={y - 6} class="label">
        {label}
      </text>
    </g>
  );
}
