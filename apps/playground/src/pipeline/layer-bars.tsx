import type { JSX } from 'preact';
import { bytes, decibels } from '../shell/format.js';
import type { LayerView } from '../studio/api.js';
import { canExclude, excludeLayer, includeLayer, isExcluded } from './exclude.js';
import type { Pipeline } from './pipeline.js';

/** A bar of this many decibels is full: a part in a thousand is lost. */
const FULL_DB = 60;

/** What each layer lost; a click leaves a layer alone. */
export function LayerBars({
  pipeline,
  layers,
}: {
  readonly pipeline: Pipeline;
  readonly layers: readonly LayerView[];
}): JSX.Element {
  const measured = layers.some(({ outputSqnrDb }) => outputSqnrDb !== null);
  const possible = canExclude(pipeline.steps);
  return (
    <div class="layer-bars">
      <p class="hint">
        SQNR of {measured ? 'what each layer computes, on test digits' : 'the weights of each layer'}.
        {possible && ' Click one to leave it alone.'}
      </p>
      <ul>
        {layers.map((layer) => {
          const sqnrDb = layer.outputSqnrDb ?? layer.weightSqnrDb;
          const excluded = isExcluded(pipeline.steps, layer.name);
          return (
            <li key={layer.name}>
              <button
                type="button"
                class="layer-bar"
                disabled={!possible}
                aria-pressed={excluded}
                onClick={() =>
                  pipeline.set(
                    excluded
                      ? includeLayer(pipeline.steps, layer.name)
                      : excludeLayer(pipeline.steps, layer.name),
                  )
                }
              >
                <span class="layer-name">
                  {layer.name}
                  {excluded && <span class="tag">left alone</span>}
                </span>
                <span class="layer-track">
                  <span
                    class="layer-fill"
                    data-poor={sqnrDb < 15}
                    style={{ width: `${(100 * Math.min(Math.max(sqnrDb, 0), FULL_DB)) / FULL_DB}%` }}
                  />
                </span>
                <span class="layer-number">{decibels(sqnrDb)}</span>
                <span class="layer-number">{bytes(layer.bytesAfter)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
