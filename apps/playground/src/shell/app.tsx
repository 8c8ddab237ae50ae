import type { JSX } from 'preact';
import { CodePage } from '../code/code-view.js';
import { DigitView } from '../digit/digit-view.js';
import { ModelPage } from '../model/model-view.js';
import { PipelinePage } from '../pipeline/pipeline-view.js';
import { DropTarget } from './drop-target.js';
import { Header } from './header.js';
import { route } from './route.js';

/** The page: its head, and the view that the address names. */
export function App(): JSX.Element {
  const { view } = route.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <main id="main" tabIndex={-1}>
        {view === 'digit' && <DigitView />}
        {view === 'model' && <ModelPage />}
        {view === 'pipeline' && <PipelinePage />}
        {view === 'code' && <CodePage />}
      </main>
      <DropTarget />
    </>
  );
}
