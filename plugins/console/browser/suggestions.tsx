import { signal } from '@preact/signals';
import { suggestUsers, type User } from './api.js';

const suggestions = signal<readonly User[]>([]);

/** What fields that take a user name as their `list`. */
export const SUGGESTIONS = 'users';

const SUGGEST_AFTER_MS = 150;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks the directory once typing pauses. Without an answer there are just no suggestions. */
export function suggest(event: InputEvent): void {
  const { target } = event;
  if (!(target instanceof HTMLInputElement) || target.list?.id !== SUGGESTIONS) return;
  clearTimeout(timer);
  timer = setTimeout(() => void offer(target.value), SUGGEST_AFTER_MS);
}

async function offer(text: string): Promise<void> {
  const users = await suggestUsers(text).catch(() => undefined);
  if (users) suggestions.value = users;
}

export function Suggestions() {
  return (
    <datalist id={SUGGESTIONS}>
      {suggestions.value.map(({ userName, displayName, aliases }) => (
        <option key={userName} value={userName}>
          {[displayName, ...aliases].filter((text) => text !== undefined && text !== '').join(', ')}
        </option>
      ))}
    </datalist>
  );
}
