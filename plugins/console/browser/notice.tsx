import { signal } from '@preact/signals';
import { Refusal } from './api.js';

const notice = signal<string | undefined>(undefined);

/** Does what a button is for, and shows why the service refused it. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  notice.value = undefined;
  try {
    await action();
    return true;
  } catch (error) {
    notice.value = error instanceof Refusal ? error.message : String(error);
    return false;
  }
}

export function Notice() {
  return (
    <div class="notice-place" role="alert">
      {notice.value !== undefined && (
        <p class="notice">
          {notice.value}
          <button type="button" class="plain" onClick={() => (notice.value = undefined)}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
