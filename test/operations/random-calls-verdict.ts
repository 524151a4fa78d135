import type { Line, Outcome, PlacedCall, RandomCallsRun } from './random-calls.js';

/** Lines that have a secret. */
export function leaks({ lines, secrets }: RandomCallsRun): string[] {
  const words = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')]);
  return lines.map((line) => JSON.stringify(line)).filter((line) => words.some((word) => line.includes(word)));
}

/** Calls without their two lines, or without the outcome in the last line. */
export function untoldCalls({ calls, lines }: RandomCallsRun): string[] {
  const byCall = linesByCall(lines);
  return calls.flatMap((call) => {
    const found = byCall.get(call.id) ?? [];
    const told = found.map(({ msg }) => msg).filter((msg) => msg === 'Call placed' || msg === 'Call over');
    const isTold =
      told.length === 2 &&
      isAsExpected(
        found.find(({ msg }) => msg === 'Call over'),
        call,
      );
    return isTold ? [] : [`${JSON.stringify(call)}: ${JSON.stringify(found.filter(({ level }) => level !== 'trace'))}`];
  });
}

function isAsExpected(line: Line | undefined, { outcome }: PlacedCall): boolean {
  const reason = line?.['reason'] as { readonly code: string; readonly sip?: number } | undefined;
  return (
    line?.['method'] === outcome.method &&
    line['status'] === outcome.status &&
    reason?.code === outcome.reason &&
    (outcome.sip === undefined || reason?.sip === outcome.sip)
  );
}

/** Failed calls without the SIP message that gives the reason in their lines. */
export function unexplainedCalls({ calls, lines }: RandomCallsRun): string[] {
  const byCall = linesByCall(lines);
  return calls.flatMap(({ id, outcome }) => {
    if (outcome.status !== 'failed') return [];
    const texts = (byCall.get(id) ?? []).map(({ text }) => String(text));
    const isExplained =
      outcome.sip === 408 ? isUnanswered(texts) : texts.some((text) => text.includes(`SIP/2.0 ${outcome.sip} `));
    return isExplained ? [] : [`${id} ${JSON.stringify(outcome)}`];
  });
}

/** An INVITE was sent, and no final response arrived before the controller cancelled it. */
function isUnanswered(texts: readonly string[]): boolean {
  const finals = texts.filter((text) => /^SIP\/2\.0 [2-6]/.test(text) && /^CSeq: \d+ INVITE/m.test(text));
  return (
    texts.some((text) => text.startsWith('INVITE ')) && finals.every((text) => /^SIP\/2\.0 (?:407|487) /.test(text))
  );
}

/** Counters that differ from those of the telephones, or from the planned outcomes. */
export function wrongCounters({ calls, metrics, phones }: RandomCallsRun): string[] {
  const expected = new Map<string, number>();
  for (const [ours, theirs] of [
    ['sent', 'received'],
    ['received', 'sent'],
  ] as const)
    for (const [key, count] of phones.traffic[theirs]) expected.set(messageCounter(ours, key), count);
  for (const { outcome } of calls) add(expected, overCounter(outcome));
  for (const { outcome } of calls)
    add(expected, `sipxrest_calls_placed_total{method="${outcome.method.toLowerCase()}"}`);
  const isHeld = /^sipxrest_(?:sip_(?:requests|responses)|calls_over|calls_placed)_total\{/;
  const keys = new Set([...expected.keys(), ...[...metrics.keys()].filter((key) => isHeld.test(key))]);
  return [...keys].flatMap((key) => {
    const [is, should] = [metrics.get(key) ?? 0, expected.get(key) ?? 0];
    return is === should ? [] : [`${key} is ${is}, and should be ${should}`];
  });
}

function messageCounter(direction: string, key: string): string {
  const [method = '', statusClass] = key.split(' ');
  return statusClass === undefined
    ? `sipxrest_sip_requests_total{direction="${direction}",method="${method}"}`
    : `sipxrest_sip_responses_total{direction="${direction}",method="${method}",class="${statusClass}"}`;
}

function overCounter({ method, status, reason = 'none' }: Outcome): string {
  return `sipxrest_calls_over_total{method="${method.toLowerCase()}",status="${status}",reason="${reason}"}`;
}

function linesByCall(lines: readonly Line[]): Map<unknown, Line[]> {
  const byCall = new Map<unknown, Line[]>();
  for (const line of lines) byCall.set(line['id'], [...(byCall.get(line['id']) ?? []), line]);
  return byCall;
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
