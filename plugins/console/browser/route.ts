import { computed, signal } from '@preact/signals';

/** The part behind `#`, which makes every view a link. */
const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export type View = 'calls' | 'history' | 'health' | 'call';

export const route = computed<{ readonly view: View; readonly id: string }>(() => {
  const [, view = '', id = ''] = hash.value.split('/');
  if (view === 'call' && id !== '') return { view, id: decodeURIComponent(id) };
  return { view: view === 'history' || view === 'health' ? view : 'calls', id: '' };
});

export function linkTo(view: View, id?: string): string {
  return id === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
}
