import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Call, nameOf } from './call.js';
import { nowMs } from './clock.js';
import { linkTo } from './route.js';
import { Steering } from './steering.js';
import { durationText, timeText, wordingOf } from './wording.js';

/** All rows are equally high, so that those in sight are known without drawing the others. As in the style sheet. */
const ROW_PX = 44;
/** Drawn above and below what is in sight, so that scrolling shows no gap. */
const SPARE_ROWS = 8;

interface Columns {
  readonly calls: readonly Call[];
  /** Live calls have buttons and say how long they last; ended ones say when. */
  readonly isLive?: boolean;
}

/** A table of any number of calls: only the rows in sight are in the document. */
export function CallTable({ calls, isLive = false }: Columns) {
  const frame = useRef<HTMLDivElement>(null);
  const scrollTop = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(scrollTop.value / ROW_PX) - SPARE_ROWS);
  const last = Math.min(calls.length, Math.ceil((scrollTop.value + height.value) / ROW_PX) + SPARE_ROWS);
  return (
    // The frame scrolls, so the keyboard has to reach it.
    <div
      class="table-frame"
      ref={frame}
      tabIndex={0}
      role="group"
      aria-label={isLive ? 'Calls now' : 'Ended calls'}
      onScroll={(event) => (scrollTop.value = event.currentTarget.scrollTop)}
    >
      <table aria-rowcount={calls.length + 1}>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Status</th>
            <th scope="col" class="wide">
              Method
            </th>
            <th scope="col" class="number">
              {isLive ? 'Lasts' : 'Began'}
            </th>
            <th scope="col">{isLive ? <span class="unseen">What can be done</span> : 'Talked'}</th>
          </tr>
        </thead>
        <tbody>
          <Gap rows={first} />
          {calls.slice(first, last).map((call, index) => (
            <Row key={call.id} call={call} isLive={isLive} index={first + index} />
          ))}
          <Gap rows={calls.length - last} />
        </tbody>
      </table>
    </div>
  );
}

/** Takes the room of rows that are not drawn. */
function Gap({ rows }: { readonly rows: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td class="gap" colSpan={6} style={{ height: `${rows * ROW_PX}px` }} />
    </tr>
  );
}

function Row({ call, isLive, index }: { readonly call: Call; readonly isLive: boolean; readonly index: number }) {
  const { words, tone } = wordingOf(call);
  return (
    <tr aria-rowindex={index + 2}>
      <td>
        <a href={linkTo('call', call.id)} title={call.caller}>
          {nameOf(call.caller)}
        </a>
      </td>
      <td title={call.callee}>{nameOf(call.callee)}</td>
      <td>
        <span class={`status ${tone}`}>{words}</span>
      </td>
      <td class="wide">{call.method}</td>
      <td class="number">{isLive ? <Lasting call={call} /> : timeText(call.createdAt)}</td>
      <td>{isLive ? <Steering call={call} /> : talkedText(call)}</td>
    </tr>
  );
}

function Lasting({ call }: { readonly call: Call }) {
  return <>{durationText(nowMs.value - Date.parse(call.connectedAt ?? call.createdAt))}</>;
}

function talkedText({ connectedAt, endedAt, reason }: Call): string {
  if (connectedAt === undefined) return reason?.sip === undefined ? '' : `SIP ${reason.sip}`;
  return endedAt === undefined ? '' : durationText(Date.parse(endedAt) - Date.parse(connectedAt));
}
