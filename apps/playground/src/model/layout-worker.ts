import { graphlib, layout } from '@dagrejs/dagre';
import { serve } from '../rpc/serve.js';
import type { Edge, Layout, LayoutMethods, LayoutTakes } from './layout-api.js';

/** Above so many nodes the best ranks take seconds. */
const MANY = 400;

serve<LayoutMethods>({ place });

function place({ nodes, width, height }: LayoutTakes): Layout {
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: 'TB',
    nodesep: 24,
    ranksep: 28,
    marginx: 24,
    marginy: 24,
    ranker: nodes.length > MANY ? 'longest-path' : 'network-simplex',
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width, height });
  for (const { id, reads } of nodes)
    for (const source of reads) if (graph.hasNode(source)) graph.setEdge(source, id);
  layout(graph);
  const size = graph.graph();
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    places: nodes.map(({ id }) => {
      const { x, y } = graph.node(id);
      return { id, x: x - width / 2, y: y - height / 2 };
    }),
    edges: graph.edges().map((edge: { v: string; w: string }) => drawn(graph.edge(edge).points)),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line through the middles of the stretches, rounded at the corners. */
function drawn(points: readonly Point[]): Edge {
  const ys = points.map(({ y }) => y);
  const [first = { x: 0, y: 0 }, ...rest] = points;
  const last = rest.at(-1) ?? first;
  let path = `M${round(first)}`;
  for (const [i, corner] of rest.slice(0, -1).entries()) {
    const next = rest[i + 1] ?? last;
    const end = i + 2 === rest.length ? last : { x: (corner.x + next.x) / 2, y: (corner.y + next.y) / 2 };
    path += `Q${round(corner)} ${round(end)}`;
  }
  if (rest.length === 1) path += `L${round(last)}`;
  return { path, top: Math.min(...ys), bottom: Math.max(...ys) };
}

function round({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
