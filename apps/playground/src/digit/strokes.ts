/** A place on the sheet, each from 0 to 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lines as they were drawn, one for each time that the pen went down. */
export type Strokes = readonly (readonly Point[])[];

/** Width and height of what the network reads. */
export const SIDE = 28;
/** MNIST's digits fill a box of 20 pixels, their centre of mass in the middle of the 28 (LeCun et al. 1998). */
const BOX = 20;
/** Half the width of MNIST's lines, and how soft their edge is, in pixels. */
const HALF_WIDTH = 1.15;
const EDGE = 0.65;
/** A dot does not become a disc. */
const MOST_SCALE = 60;

/**
 * Strokes as MNIST has its digits: scaled to a box of 20 pixels, lines of their width, centred by mass.
 *
 * @returns [28, 28] from 0 to 1; null where nothing was drawn
 */
export function toDigit(strokes: Strokes): Float32Array | null {
  const points = strokes.flat();
  if (points.length === 0) return null;
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, bottom - top);
  const scale = Math.min((BOX - 2 * HALF_WIDTH) / extent, MOST_SCALE);
  const at = (dx: number, dy: number): Float32Array =>
    ink(strokes, ({ x, y }) => ({
      x: (x - (left + right) / 2) * scale + SIDE / 2 + dx,
      y: (y - (top + bottom) / 2) * scale + SIDE / 2 + dy,
    }));
  const { x, y } = centreOfMass(at(0, 0));
  return at(SIDE / 2 - x, SIDE / 2 - y);
}

/** How much ink each pixel has, by its distance from the lines. */
function ink(strokes: Strokes, place: (point: Point) => Point): Float32Array {
  const pixels = new Float32Array(SIDE * SIDE);
  for (const stroke of strokes) {
    const points = stroke.map(place);
    for (const [i, from] of points.entries()) {
      const to = points[i + 1] ?? from;
      if (points.length > 1 && i + 1 === points.length) continue;
      addSegment(pixels, from, to);
    }
  }
  return pixels;
}

function addSegment(pixels: Float32Array, a: Point, b: Point): void {
  const reach = HALF_WIDTH + EDGE;
  const range = (p: number, q: number): readonly [number, number] => [
    Math.max(0, Math.floor(Math.min(p, q) - reach)),
    Math.min(SIDE - 1, Math.ceil(Math.max(p, q) + reach)),
  ];
  const [[left, right], [top, bottom]] = [range(a.x, b.x), range(a.y, b.y)];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const distance = toSegment({ x: column + 0.5, y: row + 0.5 }, a, b);
      const amount = Math.min(1, Math.max(0, (reach - distance) / (2 * EDGE)));
      const i = row * SIDE + column;
      if (amount > (pixels[i] ?? 0)) pixels[i] = amount;
    }
  }
}

function toSegment(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / length));
  return Math.hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

function centreOfMass(pixels: Float32Array): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [i, amount] of pixels.entries()) {
    mass += amount;
    x += amount * ((i % SIDE) + 0.5);
    y += amount * (Math.floor(i / SIDE) + 0.5);
  }
  return mass === 0 ? { x: SIDE / 2, y: SIDE / 2 } : { x: x / mass, y: y / mass };
}
