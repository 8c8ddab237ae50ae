import type { JSX } from 'preact';
import { bytes, decibels, percent } from '../shell/format.js';
import type { LayerView, ModelView } from '../studio/api.js';

interface WeightTableProps {
  readonly model: ModelView;
  /** What became of each weight; null where nothing was run. */
  readonly layers: readonly LayerView[] | null;
  onSelect(weight: string): void;
}

/** Weights by bytes, and what became of them. */
export function WeightTable({ model, layers, onSelect }: WeightTableProps): JSX.Element {
  const after = new Map(layers?.map((layer) => [layer.name, layer]));
  const rows = [...model.weights].sort((a, b) => b.bytes - a.bytes);
  const total = rows.reduce((sum, row) => sum + row.bytes, 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <section class="table-frame" tabIndex={0} aria-label="Weights">
      <table>
        <thead>
          <tr>
            <th scope="col">weight</th>
            <th scope="col">shape</th>
            <th scope="col" class="number">
              bytes
            </th>
            <th scope="col">share</th>
            {layers && (
              <>
                <th scope="col" class="number">
                  kept
                </th>
                <th scope="col" class="number">
                  after
                </th>
                <th scope="col" class="number">
                  SQNR
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const layer = after.get(row.name);
            const before = layer?.bytesBefore ?? row.bytes;
            return (
              <tr key={row.name}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => onSelect(row.name)}>
                    {row.name}
                  </button>
                </th>
                <td>{row.dims.join(' × ')}</td>
                <td class="number">{bytes(before)}</td>
                <td>
                  <span class="share-track table-share">
                    <span class="share-bar" style={{ width: `${(100 * row.bytes) / total}%` }} />
                  </span>
                </td>
                {layers && (
                  <>
                    <td class="number">{layer ? percent(layer.density) : ''}</td>
                    <td class="number">{layer ? bytes(layer.bytesAfter) : 'gone'}</td>
                    <td class="number">{layer ? decibels(layer.weightSqnrDb) : ''}</td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
