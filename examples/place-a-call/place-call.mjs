// Places a call and prints its outcome: node place-call.mjs URL CALLER CALLEE
const [url, caller, callee] = process.argv.slice(2);

const response = await fetch(`${url}/v1/calls`, {
  method: 'POST',
  headers: {
    'Content-Type': 'application/json',
    Prefer: 'wait=60',
    'Idempotency-Key': crypto.randomUUID(),
  },
  body: JSON.stringify({ caller, callee }),
});
const answer = await response.json();

if (!response.ok) {
  console.error(`The call was not placed: ${answer.detail}`);
  for (const { pointer, expected, found } of answer.errors ?? [])
    console.error(`${pointer}: expected ${expected}, found ${found}`);
  process.exitCode = 1;
} else if (answer.status === 'connected' || answer.status === 'handedOver') {
  console.log(`${answer.caller} and ${answer.callee}: ${answer.status}`);
} else {
  console.log(`The call has failed: ${answer.reason?.code ?? answer.status}`);
  process.exitCode = 1;
}
