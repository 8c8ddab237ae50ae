// What vite makes of files that are no TypeScript.
declare module '*.css';
declare module '@fontsource/*';

declare module '*.vue' {
  import type { Component } from 'vue';

  const component: Component;
  export default component;
}

declare module '*/generated/figures.json' {
  import type { SiteFigures } from '../../src/generate/generate.js';

  const figures: SiteFigures;
  export default figures;
}
