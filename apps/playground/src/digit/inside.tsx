import type { JSX } from 'preact';
import { CodeLengths } from '../chart/code-lengths.js';
import { Histogram, histogramText } from '../chart/histogram.js';
import { Mask } from '../chart/mask.js';
import type { LayerLook } from '../preview/network-preview.js';
import { count } from '../shell/format.js';
import { isMaking, layer, look, made } from './laboratory.js';
import { layerNames } from './slider-recipe.js';

/** What is inside the file: weights, mask, codes, and what it takes to run. */
export function Inside(): JSX.Element {
  return (
    <section class="inside" aria-labelledby="inside-title">
      <header class="inside-head">
        <h2 id="inside-title">Inside the file</h2>
        <fieldset class="segments segments-inline">
          <legend class="visually-hidden">Layer that is shown</legend>
          {layerNames.map((name, i) => (
            <label key={name}>
              <input
                type="radio"
                name="layer"
                checked={layer.value === i}
                onChange={() => {
                  layer.value = i;
                }}
              />
              <span>{name.replace('.weight', '')}</span>
            </label>
          ))}
        </fieldset>
      </header>
      <div class="panels">
        <WeightPanel />
        <MaskPanel />
        <CodePanel />
      </div>
    </section>
  );
}

function WeightPanel(): JSX.Element {
  const now = look.value?.look;
  const file = made.value;
  const trained = file?.trained === true ? file.detail : null;
  const shown = trained ?? now;
  return (
    <article class="panel">
      <h3>Weights</h3>
      {shown && (
        <>
          <Histogram
            bins={shown.bins}
            least={shown.least}
            most={shown.most}
            threshold={trained ? 0 : (now?.threshold ?? 0)}
            centroids={shown.centroids}
            label={`Histogram of ${shown.name} with ${shown.centroids.length} shared values`}
          />
          <p class="hint">
            {file?.detail
              ? histogramText(file.detail.elements, file.detail.density, shown.centroids.length)
              : ''}
            . Faint: pruned. Dots: shared values. Heights as square roots.
          </p>
        </>
      )}
    </article>
  );
}

/** Of the retrained network where there is one, else of the sliders. */
function pictureShown(): Pick<LayerLook, 'name' | 'picture' | 'width' | 'height'> | null {
  const file = made.value;
  if (file?.trained !== true || file.detail?.picture == null) return look.value?.look ?? null;
  const { name, picture, dims } = file.detail;
  return { name, picture, height: dims[0] ?? 0, width: dims[1] ?? 0 };
}

function MaskPanel(): JSX.Element {
  const now = pictureShown();
  return (
    <article class="panel">
      <h3>Mask</h3>
      {now && (
        <>
          <Mask
            picture={now.picture}
            width={now.width}
            height={now.height}
            label={`What is left of ${now.name}, ${now.height} by ${now.width} weights`}
          />
          <p class="hint">
            A pixel a weight: {count(now.width)} inputs across, {now.height} neurons down.{' '}
            <span class="ink-positive">Positive</span>, <span class="ink-negative">negative</span>, pruned is
            bare.
            {layer.value === 0 && ' The bands are the rows of the image, bare at its empty borders.'}
          </p>
        </>
      )}
    </article>
  );
}

function CodePanel(): JSX.Element {
  const detail = made.value?.detail;
  return (
    <article class="panel panel-wide" aria-busy={isMaking.value}>
      <h3>Huffman codes</h3>
      <div class="codes-row">
        {detail?.codes.map((code) => (
          <CodeLengths key={code.slot} code={code} />
        ))}
      </div>
      {detail?.codes.length === 0 && (
        <p class="hint">
          Nothing here gets shorter by Huffman codes: each symbol is about as frequent as the others.
        </p>
      )}
    </article>
  );
}
