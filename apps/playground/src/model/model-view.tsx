import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { shownFailure } from '../shell/message.js';
import type { ModelView } from '../studio/api.js';
import { Runner } from '../workbench/runner.js';
import { beginWork, opened, openFailure, studio } from '../workbench/workbench.js';
import { type Change, diffModels } from './diff-models.js';
import { GraphView } from './graph-view.js';
import { NodeDetails } from './node-details.js';
import { OpenFile } from './open-file.js';
import { RecipeBar } from './recipe-bar.js';
import { Stages } from './stages.js';
import { WeightTable } from './weight-table.js';

const runner = new Runner('model');

/** A model looked into: its graph, its weights, and what a recipe makes of them pass by pass. */
export function ModelPage(): JSX.Element {
  useEffect(beginWork, []);
  const stage = useSignal(0);
  const shown = useSignal<{ readonly now: ModelView; readonly before: ModelView | null } | null>(null);
  const selected = useSignal<string | null>(null);
  const subject = opened.value;
  const outcome = runner.current;

  useEffect(() => {
    stage.value = outcome?.run.passes.length ?? 0;
  }, [outcome]);

  useEffect(() => {
    if (subject === null) return;
    const at = stage.value;
    if (at === 0 || runner.current === null) {
      shown.value = { now: subject.view, before: null };
      return;
    }
    let wanted = true;
    const view = (one: number): Promise<ModelView> => studio.call('stage', { slot: runner.slot, stage: one });
    Promise.all([view(at), view(at - 1)]).then(
      ([now, before]) => {
        if (wanted) shown.value = { now, before };
      },
      (error) => {
        openFailure.value = shownFailure(error);
      },
    );
    return () => {
      wanted = false;
    };
  }, [subject, outcome, stage.value]);

  const now = shown.value;
  const diff = useMemo(() => (now?.before ? diffModels(now.before, now.now) : null), [now]);
  const node = now?.now.nodes.find(({ id }) => id === selected.value) ?? null;
  const selectWeight = (name: string): void => {
    selected.value = now?.now.nodes.find(({ weights }) => weights.includes(name))?.id ?? null;
  };
  return (
    <div class="model-view">
      <OpenFile />
      <RecipeBar runner={runner} />
      {outcome && (
        <Stages
          outcome={outcome}
          stage={stage.value}
          onStage={(one) => {
            stage.value = one;
          }}
        />
      )}
      {diff && <DiffLine diff={diff} />}
      {now && (
        <>
          <div class="graph-and-details">
            <GraphView
              model={now.now}
              diff={diff}
              selected={selected.value}
              onSelect={(id) => {
                selected.value = id;
              }}
            />
            <NodeDetails node={node} place={{ slot: runner.slot, stage: stage.value }} />
          </div>
          <WeightTable
            model={now.now}
            layers={stage.value > 0 ? (outcome?.run.layers ?? null) : null}
            onSelect={selectWeight}
          />
        </>
      )}
    </div>
  );
}

/** What the pass that is looked at did to the graph. */
function DiffLine({
  diff: { changes, removed, added, changed },
}: {
  readonly diff: ReturnType<typeof diffModels>;
}): JSX.Element {
  const same = [...changes.values()].filter((change: Change) => change === 'same').length;
  return (
    <div class="diff-line" aria-live="polite">
      <p>
        By this pass:{' '}
        <span class="diff-count" data-change="added">
          {added} added
        </span>{' '}
        <span class="diff-count" data-change="changed">
          {changed} changed
        </span>{' '}
        <span class="diff-count" data-change="removed">
          {removed.length} removed
        </span>{' '}
        <span class="diff-count">{same} as before</span>
      </p>
      {removed.length > 0 && (
        <details>
          <summary>What is gone</summary>
          <ul>
            {removed.slice(0, 200).map(({ id, op, name }) => (
              <li key={id}>
                {op} <code>{name || id}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
