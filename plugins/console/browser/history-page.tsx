import { computed } from '@preact/signals';
import { CallTable } from './call-table.js';
import { endedCalls, isListed } from './calls.js';
import { Curves } from './curves.js';
import { byMinute, countOutcomes, OUTCOMES } from './history.js';

const counts = computed(() => countOutcomes(endedCalls.value));
const minutes = computed(() => byMinute(endedCalls.value));

/** The calls that are over, for as long as their records are kept. */
export function HistoryPage() {
  if (endedCalls.value.length === 0) {
    return (
      <section class="card">
        <h1>History</h1>
        <p class="empty">
          {isListed.value
            ? 'No call has ended yet whose record is still kept. A record is kept for three minutes after the POST, or for as long as the POST asks (keepSeconds).'
            : 'The calls are being read.'}
        </p>
      </section>
    );
  }
  return (
    <>
      <section class="card">
        <h1>History</h1>
        <Outcomes />
        <Curves minutes={minutes.value} />
      </section>
      <section class="card" aria-label="Ended calls">
        <CallTable calls={endedCalls.value} />
      </section>
    </>
  );
}

/** What came of the calls, as a bar and in figures. */
function Outcomes() {
  const total = endedCalls.value.length;
  const some = OUTCOMES.filter((outcome) => (counts.value.get(outcome) ?? 0) > 0);
  return (
    <>
      <div class="bar" aria-hidden="true">
        {some.map((outcome) => (
          <span
            key={outcome}
            class={`part ${className(outcome)}`}
            style={{ flexGrow: String(counts.value.get(outcome) ?? 0) }}
          />
        ))}
      </div>
      <ul class="legend">
        {some.map((outcome) => (
          <li key={outcome}>
            <span class={`swatch ${className(outcome)}`} aria-hidden="true" />
            {counts.value.get(outcome)} {outcome} ({Math.round((100 * (counts.value.get(outcome) ?? 0)) / total)} %)
          </li>
        ))}
      </ul>
    </>
  );
}

function className(outcome: string): string {
  return outcome.replaceAll(' ', '-');
}
