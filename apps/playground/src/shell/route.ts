import { type ReadonlySignal, signal } from '@preact/signals';

/** What the page shows. */
export type ViewName = 'digit' | 'model' | 'pipeline' | 'code';

export const viewNames: readonly ViewName[] = ['digit', 'model', 'pipeline', 'code'];

/** The address behind the `#`: a view, and what it is set to. */
export interface Route {
  readonly view: ViewName;
  readonly params: URLSearchParams;
}

const current = signal<Route>(parse(location.hash) ?? { view: 'digit', params: new URLSearchParams() });
/** Where the page is. */
export const route: ReadonlySignal<Route> = current;

const outside = signal(0);
/** Counts addresses that came from outside with a setting: typed, pasted, or by the buttons of the browser. */
export const arrivals: ReadonlySignal<number> = outside;

addEventListener('hashchange', () => {
  const next = parse(location.hash);
  if (next === null || hashOf(next) === hashOf(current.value)) return;
  current.value = next;
  if (next.params.size > 0) outside.value++;
});

/** Null where the hash names no view: a place in the page. */
function parse(hash: string): Route | null {
  const [name = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const view = viewNames.find((candidate) => candidate === name);
  return view === undefined ? null : { view, params: new URLSearchParams(query) };
}

function hashOf({ view, params }: Route): string {
  const query = params.toString();
  return query === '' ? `#${view}` : `#${view}?${query}`;
}

/** Shows another view. */
export function goTo(view: ViewName): void {
  location.hash = view;
}

/** Writes what a view is set to into the address, without a step in the history. */
export function noteParams(view: ViewName, params: Readonly<Record<string, string>>): void {
  if (current.peek().view !== view) return;
  const next = { view, params: new URLSearchParams(params) };
  if (hashOf(next) === hashOf(current.peek())) return;
  current.value = next;
  history.replaceState(null, '', hashOf(next));
}
