import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Remote } from '../rpc/remote.js';
import { bytes } from '../shell/format.js';
import { shownFailure } from '../shell/message.js';
import type { ModelView, NodeView } from '../studio/api.js';
import type { ModelDiff } from './diff-models.js';
import type { Layout, LayoutMethods } from './layout-api.js';

const NODE_WIDTH = 176;
const NODE_HEIGHT = 46;
/** What is drawn beyond the part that is seen, in pixels. */
const MARGIN = 500;

const placer = new Remote<LayoutMethods>(
  () => new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' }),
);

interface GraphViewProps {
  readonly model: ModelView;
  readonly diff: ModelDiff | null;
  readonly selected: string | null;
  onSelect(id: string): void;
}

/** The nodes of a model in layers, with what is held in each. Only what is seen is in the page. */
export function GraphView({ model, diff, selected, onSelect }: GraphViewProps): JSX.Element {
  const layout = useSignal<Layout | null>(null);
  const failure = useSignal<string | null>(null);
  const scale = useSignal(1);
  const seen = useSignal({ top: 0, bottom: 2000 });
  const frame = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let current = true;
    failure.value = null;
    const nodes = model.nodes.map(({ id, reads }) => ({ id, reads }));
    placer.call('place', { nodes, width: NODE_WIDTH, height: NODE_HEIGHT }).then(
      (placed) => {
        if (current) layout.value = placed;
      },
      (error) => {
        if (current) failure.value = shownFailure(error)?.what ?? null;
      },
    );
    return () => {
      current = false;
    };
  }, [model]);

  const look = (): void => {
    const { scrollTop, clientHeight } = frame.current ?? { scrollTop: 0, clientHeight: 0 };
    const top = scrollTop / scale.value - MARGIN;
    if (Math.abs(top - seen.value.top) < MARGIN / 2) return;
    seen.value = { top, bottom: top + clientHeight / scale.value + 2 * MARGIN };
  };

  const order = useMemo(() => new Map(model.nodes.map(({ id }, i) => [id, i])), [model]);
  const step = (event: KeyboardEvent): void => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = order.get(selected ?? '');
    const next = by === undefined || at === undefined ? undefined : model.nodes[at + by];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next.id);
  };

  useEffect(() => {
    const place = layout.value?.places.find(({ id }) => id === selected);
    const box = frame.current;
    if (box === null || layout.value === null) return;
    if (place === undefined) {
      // The first node in the middle: its branches may make the sheet wide.
      box.scrollLeft =
        ((layout.value.places[0]?.x ?? 0) + NODE_WIDTH / 2) * scale.value - box.clientWidth / 2;
      return;
    }
    const [top, left] = [place.y * scale.value, place.x * scale.value];
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 80)
      box.scrollTop = top - box.clientHeight / 3;
    if (left < box.scrollLeft || left > box.scrollLeft + box.clientWidth - 120)
      box.scrollLeft = left - box.clientWidth / 3;
  }, [selected, layout.value]);

  const placed = layout.value;
  const nodes = useMemo(() => new Map(model.nodes.map((node) => [node.id, node])), [model]);
  const zoom = (factor: number): void => {
    scale.value = Math.min(1.5, Math.max(0.35, scale.value * factor));
  };
  return (
    <div class="graph">
      <div class="graph-tools">
        <button type="button" class="icon-button" aria-label="Smaller" onClick={() => zoom(0.8)}>
          −
        </button>
        <button type="button" class="icon-button" aria-label="Larger" onClick={() => zoom(1.25)}>
          +
        </button>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go from node to node, which are buttons */}
      <div class="graph-frame" ref={frame} onScroll={look} onKeyDown={step}>
        {placed === null && <p class="hint graph-wait">{failure.value ?? 'Placing the nodes …'}</p>}
        {placed && (
          <div
            class="graph-sheet"
            style={{
              width: `${placed.width * scale.value}px`,
              height: `${placed.height * scale.value}px`,
            }}
          >
            <div class="graph-scaled" style={{ transform: `scale(${scale.value})` }}>
              <svg width={placed.width} height={placed.height} aria-hidden="true">
                {placed.edges
                  .filter(({ top, bottom }) => bottom > seen.value.top && top < seen.value.bottom)
                  .map(({ path }) => (
                    <path key={path} class="edge" d={path} />
                  ))}
              </svg>
              {placed.places
                .filter(({ y }) => y > seen.value.top - NODE_HEIGHT && y < seen.value.bottom)
                .map(({ id, x, y }) => {
                  const node = nodes.get(id);
                  return (
                    node && (
                      <NodeButton
                        key={id}
                        node={node}
                        x={x}
                        y={y}
                        change={diff?.changes.get(id) ?? 'same'}
                        isSelected={id === selected}
                        onSelect={onSelect}
                      />
                    )
                  );
                })}
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

interface NodeButtonProps {
  readonly node: NodeView;
  readonly x: number;
  readonly y: number;
  readonly change: string;
  readonly isSelected: boolean;
  onSelect(id: string): void;
}

function NodeButton({ node, x, y, change, isSelected, onSelect }: NodeButtonProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // Who goes by keys goes on from there.
    if (isSelected && document.activeElement?.classList.contains('node') === true)
      button.current?.focus({ preventScroll: true });
  }, [isSelected]);
  const held = [node.held, node.quantization === '' ? '' : node.quantization.split(',')[0]].filter(
    (part) => part !== '',
  );
  return (
    <button
      type="button"
      ref={button}
      class="node"
      data-change={change}
      data-weighty={node.bytes > 0}
      aria-pressed={isSelected}
      style={{ left: `${x}px`, top: `${y}px`, width: `${NODE_WIDTH}px`, height: `${NODE_HEIGHT}px` }}
      onClick={() => onSelect(node.id)}
    >
      <span class="node-op">{node.op}</span>
      <span class="node-held">{[...new Set(held)].join(', ')}</span>
      <span class="node-name">{node.name || node.id}</span>
      {node.bytes > 0 && <span class="node-bytes">{bytes(node.bytes)}</span>}
    </button>
  );
}
