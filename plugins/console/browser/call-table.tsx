import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { CallInfo } from '../../../sdk/call-info.js';
import { nameOf } from './call.js';
import { nowMs } from './clock.js';
import { linkTo } from './route.js';
import { isNarrow } from './screen.js';
import { Steering } from './steering.js';
import { durationText, timeText, wordingOf } from './wording.js';

/** All rows are equally high, so that those in sight are known without drawing the others. As in the style sheet. */
const ROW_PX = 44;
/** On a telephone's width a row has two lines. */
const NARROW_ROW_PX = 84;
/** Drawn above and below what is in sight, so that scrolling shows no gap. */
const SPARE_ROWS = 8;

interface Table {
  readonly calls: readonly CallInfo[];
  /** Live calls have buttons and say how long they last; ended ones say when. */
  readonly isLive?: boolean;
}

/** A table of any number of calls: only the rows in sight are in the document. */
export function CallTable({ calls, isLive = false }: Table) {
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
  const rowPx = isNarrow.value ? NARROW_ROW_PX : ROW_PX;
  const first = Math.max(0, Math.floor(scrollTop.value / rowPx) - SPARE_ROWS);
  const last = Math.min(calls.length, Math.ceil((scrollTop.value + height.value) / rowPx) + SPARE_ROWS);
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
        <thead>{isNarrow.value ? <NarrowHead /> : <WideHead isLive={isLive} />}</thead>
        <tbody>
          <Gap height={first * rowPx} />
          {calls.slice(first, last).map((call, index) => (
            <Row key={call.id} call={call} isLive={isLive} index={first + index} />
          ))}
          <Gap height={(calls.length - last) * rowPx} />
        </tbody>
      </table>
    </div>
  );
}

function WideHead({ isLive }: { readonly isLive: boolean }) {
  return (
    <tr>
      <th scope="col">From</th>
      <th scope="col">To</th>
      <th scope="col" class="status-column">
        Status
      </th>
      <th scope="col" class="short">
        Method
      </th>
      <th scope="col" class="number">
        {isLive ? 'Lasts' : 'Began'}
      </th>
      <th scope="col" class={isLive ? 'buttons-column' : 'number outcome-column'}>
        {isLive ? <span class="unseen">What can be done</span> : 'Talked, or why not'}
      </th>
    </tr>
  );
}

function NarrowHead() {
  return (
    <tr>
      <th scope="col">Call</th>
      <th scope="col" class="status-column">
        Status
      </th>
    </tr>
  );
}

/** Takes the room of rows that are not drawn. */
function Gap({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td class="gap" colSpan={6} style={{ height: `${height}px` }} />
    </tr>
  );
}

interface RowProps {
  readonly call: CallInfo;
  readonly isLive: boolean;
  readonly index: number;
}

/** Drawn anew only where its own call has changed. */
function Row({ call, isLive, index }: RowProps) {
  const isTall = isNarrow.value;
  return useMemo(() => {
    const RowOfWidth = isTall ? NarrowRow : WideRow;
    return <RowOfWidth call={call} isLive={isLive} index={index} />;
  }, [call, isLive, index, isTall]);
}

function WideRow({ call, isLive, index }: RowProps) {
  return (
    <tr aria-rowindex={index + 2}>
      <td>
        <CallLink call={call}>{nameOf(call.caller)}</CallLink>
      </td>
      <td title={call.callee}>{nameOf(call.callee)}</td>
      <td>
        <StatusBadge call={call} />
      </td>
      <td>{call.method}</td>
      <td class="number">{isLive ? <Lasting call={call} /> : timeText(call.createdAt)}</td>
      <td class={isLive ? undefined : 'number'}>{isLive ? <Steering call={call} /> : talkedText(call)}</td>
    </tr>
  );
}

function NarrowRow({ call, isLive, index }: RowProps) {
  return (
    <tr class="tall" aria-rowindex={index + 2}>
      <td>
        <CallLink call={call}>
          {nameOf(call.caller)} → {nameOf(call.callee)}
        </CallLink>
        {isLive ? <Steering call={call} /> : <p>{timeText(call.createdAt)}</p>}
      </td>
      <td>
        <StatusBadge call={call} />
        <p>{isLive ? <Lasting call={call} /> : talkedText(call)}</p>
      </td>
    </tr>
  );
}

function CallLink({ call, children }: { readonly call: CallInfo; readonly children: ComponentChildren }) {
  return (
    <a href={linkTo('call', call.id)} title={call.caller}>
      {children}
    </a>
  );
}

function StatusBadge({ call }: { readonly call: CallInfo }) {
  const { words, tone } = wordingOf(call);
  return <span class={`status ${tone}`}>{words}</span>;
}

function Lasting({ call }: { readonly call: CallInfo }) {
  return <>{durationText(nowMs.value - Date.parse(call.connectedAt ?? call.createdAt))}</>;
}

function talkedText({ connectedAt, endedAt, reason }: CallInfo): string {
  if (connectedAt === undefined) return reason?.sip === undefined ? '' : `SIP ${reason.sip}`;
  return endedAt === undefined ? '' : durationText(Date.parse(endedAt) - Date.parse(connectedAt));
}
