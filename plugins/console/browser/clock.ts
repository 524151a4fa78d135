import { signal } from '@preact/signals';

/** Milliseconds since the epoch, once a second: for what shows how long something lasts. */
export const nowMs = signal(Date.now());
setInterval(() => {
  nowMs.value = Date.now();
}, 1000);
