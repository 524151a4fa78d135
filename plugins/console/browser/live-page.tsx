import { computed, signal } from '@preact/signals';
import type { CallInfo } from '../../../sdk/call-info.js';
import { CallTable } from './call-table.js';
import { isListed, listProblem, liveCalls } from './calls.js';
import { PlaceCall } from './place-call.js';
import { STATUSES, wordingOf } from './wording.js';

const text = signal('');
const status = signal('');

const shown = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  if (wanted === '' && status.value === '') return liveCalls.value;
  return liveCalls.value.filter(
    (call) => (status.value === '' || call.status === status.value) && matches(call, wanted),
  );
});

function matches({ caller, callee, agent, subject = '', id }: CallInfo, wanted: string): boolean {
  return [caller, callee, agent, subject, id].some((field) => field.toLowerCase().includes(wanted));
}

export function LivePage() {
  return (
    <>
      <h1 class="unseen">Calls</h1>
      <PlaceCall />
      <section class="card" aria-labelledby="live-title">
        <div class="title-row">
          <h2 id="live-title">Calls now</h2>
          <label class="inline">
            <span class="unseen">Filter by user, subject or id</span>
            <input
              type="search"
              placeholder="user, subject, id"
              onInput={(event) => (text.value = event.currentTarget.value)}
            />
          </label>
          <label class="inline">
            <span class="unseen">Filter by status</span>
            <select onChange={(event) => (status.value = event.currentTarget.value)}>
              <option value="">any status</option>
              {STATUSES.filter((each) => !['disconnected', 'failed', 'handedOver'].includes(each)).map((each) => (
                <option key={each} value={each}>
                  {wordingOf({ status: each }).words}
                </option>
              ))}
            </select>
          </label>
        </div>
        <LiveTable />
      </section>
    </>
  );
}

function LiveTable() {
  if (shown.value.length > 0) return <CallTable calls={shown.value} isLive />;
  if (listProblem.value !== undefined) return <p class="empty">The calls cannot be read: {listProblem.value}</p>;
  if (!isListed.value) return <p class="empty">The calls are being read.</p>;
  if (liveCalls.value.length > 0) return <p class="empty">No call fits the filter.</p>;
  return (
    <p class="empty">
      Nobody is calling at the moment. Fill in the two names above to place a call, or use{' '}
      <code>curl -X POST {location.origin}/callcontroller/user1/user2</code>.
    </p>
  );
}
