import { type ReadonlySignal, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const KEY = 'espalier-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const chosen = signal<Theme | null>(stored());
const shown = signal<Theme>('light');

/** The theme that is shown: the chosen one, or the system's. */
export const theme: ReadonlySignal<Theme> = shown;

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null; // A page may be refused any storage.
  }
}

function apply(): void {
  shown.value = chosen.value ?? (system.matches ? 'dark' : 'light');
  document.documentElement.dataset['theme'] = shown.value;
}

system.addEventListener('change', apply);
apply();

/** Changes over to the other theme, and remembers it. */
export function toggleTheme(): void {
  chosen.value = shown.value === 'dark' ? 'light' : 'dark';
  apply();
  try {
    localStorage.setItem(KEY, chosen.value);
  } catch {
    // As above.
  }
}
