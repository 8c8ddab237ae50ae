import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { CodeLengths } from '../chart/code-lengths.js';
import { Histogram, histogramText } from '../chart/histogram.js';
import { Mask } from '../chart/mask.js';
import { bytes, count } from '../shell/format.js';
import { shownFailure } from '../shell/message.js';
import type { NodeView, WeightDetail } from '../studio/api.js';
import { studio } from '../workbench/workbench.js';

/** Where a node is looked up. */
export interface Place {
  readonly slot: string;
  /** 0 is the model as it came. */
  readonly stage: number;
}

/** All there is to a node: attributes, values, and its weights with their histograms. */
export function NodeDetails({
  node,
  place,
}: {
  readonly node: NodeView | null;
  readonly place: Place;
}): JSX.Element {
  if (node === null) {
    return (
      <aside class="details details-empty">
        <p class="hint">Choose a node to see its weights, attributes and types.</p>
      </aside>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <aside class="details" tabIndex={0} aria-label={`Node ${node.name}`}>
      <header>
        <h3>{node.op}</h3>
        <p class="hint details-name">{node.name || node.id}</p>
      </header>
      {node.weights.map((name) => (
        <WeightDetails key={`${place.slot} ${place.stage} ${name}`} name={name} place={place} />
      ))}
      {node.quantization !== '' && (
        <p>
          <span class="tag">output</span> {node.quantization}
        </p>
      )}
      <ul class="values">
        {node.values.map(({ role, text }) => (
          <li key={`${role} ${text}`}>
            <span class="tag">{role}</span> <code>{text}</code>
          </li>
        ))}
      </ul>
      {node.attributes.length > 0 && (
        <ul class="values" aria-label="Attributes">
          {node.attributes.map((text) => (
            <li key={text}>
              <code>{text}</code>
            </li>
          ))}
        </ul>
      )}
    </aside>
  );
}

function WeightDetails({ name, place }: { readonly name: string; readonly place: Place }): JSX.Element {
  const detail = useSignal<WeightDetail | string | null>(null);
  useEffect(() => {
    let wanted = true;
    studio.call('weight', { ...place, name }).then(
      (found) => {
        if (wanted) detail.value = found;
      },
      (error) => {
        if (wanted) detail.value = shownFailure(error)?.what ?? null;
      },
    );
    return () => {
      wanted = false;
    };
  }, [name, place.slot, place.stage]);
  const found = detail.value;
  if (found === null) return <p class="hint">Decoding {name} …</p>;
  if (typeof found === 'string') return <p class="hint">{found}</p>;
  return (
    <section class="weight-details" aria-label={`Weight ${name}`}>
      <h4>{found.name}</h4>
      <p class="hint">
        [{found.dims.join(', ')}], {count(found.elements)} weights in {bytes(found.bytes)}
      </p>
      <code class="encoding">{found.encoding}</code>
      <Histogram
        bins={found.bins}
        least={found.least}
        most={found.most}
        threshold={0}
        centroids={found.centroids}
        label={`Histogram of ${found.name}`}
      />
      <p class="hint">
        {histogramText(found.elements, found.density, found.centroids.length)}. Heights as square roots.
      </p>
      {found.picture && (found.dims[0] ?? 0) > 1 && (
        <Mask
          picture={found.picture}
          height={found.dims[0] ?? 1}
          width={found.dims[1] ?? 1}
          label={`Picture of ${found.name}`}
        />
      )}
      {found.codes.map((code) => (
        <CodeLengths key={code.slot} code={code} />
      ))}
    </section>
  );
}
