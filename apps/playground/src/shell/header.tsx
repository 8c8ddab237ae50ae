import type { JSX } from 'preact';
import { worksOffline } from '../offline/register.js';
import { route, type ViewName } from './route.js';
import { theme, toggleTheme } from './theme.js';

const views: readonly { readonly name: ViewName; readonly label: string }[] = [
  { name: 'digit', label: 'Digit' },
  { name: 'model', label: 'Your model' },
  { name: 'pipeline', label: 'Pipeline' },
  { name: 'code', label: 'Code' },
];

const privacy = 'No model, drawing or setting leaves this page.';

/** Name, views, and the switch between light and dark. */
export function Header(): JSX.Element {
  return (
    <header class="top">
      <a class="brand" href="#digit">
        <Mark />
        <span>Espalier</span>
      </a>
      <nav aria-label="Views">
        {views.map(({ name, label }) => (
          <a key={name} href={`#${name}`} aria-current={route.value.view === name ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <span class="private" title={privacy}>
        {worksOffline.value ? 'Local, works offline' : 'All local'}
      </span>
      <button
        type="button"
        class="icon-button"
        onClick={toggleTheme}
        aria-label={theme.value === 'dark' ? 'Light colours' : 'Dark colours'}
      >
        <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
          <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6" />
          <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" fill="currentColor" />
        </svg>
      </button>
    </header>
  );
}

/** A tree trained against a frame. */
function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <g class="mark-frame">
        <path d="M4 7h24M4 15h24M4 23h24" />
      </g>
      <path
        class="mark-tree"
        d="M16 30V6M16 25c-3 0-5-2-9-2M16 25c3 0 5-2 9-2M16 17c-3 0-4-2-8-2M16 17c3 0 4-2 8-2M16 9c-2 0-3-2-6-2M16 9c2 0 3-2 6-2"
      />
      <g class="mark-leaf">
        <circle cx="7" cy="23" r="2" />
        <circle cx="25" cy="23" r="2" />
        <circle cx="8" cy="15" r="2" />
        <circle cx="24" cy="15" r="2" />
        <circle cx="10" cy="7" r="2" />
        <circle cx="22" cy="7" r="2" />
      </g>
    </svg>
  );
}
