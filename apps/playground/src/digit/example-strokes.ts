import type { Point, Strokes } from './strokes.js';

/** Points along part of an ellipse; angles in quarters of a turn, clockwise from the right. */
function arc(x: number, y: number, width: number, height: number, from: number, to: number): Point[] {
  const steps = Math.ceil(Math.abs(to - from) * 8);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 2;
    return { x: x + (width / 2) * Math.cos(angle), y: y + (height / 2) * Math.sin(angle) };
  });
}

function line(...points: readonly (readonly [number, number])[]): Point[] {
  return points.map(([x, y]) => ({ x, y }));
}

/** Digits drawn by a plain hand, to begin with. */
export const exampleStrokes: readonly Strokes[] = [
  [arc(0.5, 0.5, 0.42, 0.64, 3, 7)],
  [line([0.55, 0.18], [0.47, 0.82])],
  [[...arc(0.5, 0.34, 0.4, 0.32, 2.1, 4.7), ...line([0.32, 0.8], [0.72, 0.8])]],
  [[...arc(0.48, 0.34, 0.36, 0.3, 2.3, 5), ...arc(0.48, 0.65, 0.42, 0.34, 3, 5.8)]],
  [line([0.36, 0.2], [0.32, 0.52], [0.7, 0.52]), line([0.66, 0.22], [0.6, 0.82])],
  [
    line([0.68, 0.2], [0.38, 0.2], [0.36, 0.46]),
    [...line([0.36, 0.46]), ...arc(0.48, 0.62, 0.42, 0.36, 3, 5.8)],
  ],
  [[...line([0.6, 0.18], [0.42, 0.42]), ...arc(0.5, 0.64, 0.36, 0.36, 2, 6), ...line([0.33, 0.6])]],
  [line([0.3, 0.22], [0.7, 0.22], [0.46, 0.82])],
  [arc(0.5, 0.34, 0.34, 0.3, 1, 5), arc(0.5, 0.66, 0.4, 0.34, 3, 7)],
  [[...arc(0.48, 0.36, 0.34, 0.34, 4, 8), ...line([0.65, 0.36], [0.58, 0.84])]],
];
