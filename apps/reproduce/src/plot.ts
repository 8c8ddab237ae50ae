/** A line or a cloud of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Points alone, without a line through them. */
  readonly scattered?: boolean;
}

/** What a plot shows. */
export interface Plot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

export interface Axis {
  readonly label: string;
  /** Where the axis has its numbers; the first and last are its ends. */
  readonly ticks: readonly number[];
  readonly logarithmic?: boolean;
}

const WIDTH = 720;
const HEIGHT = 430;
const area = { left: 64, right: 700, top: 48, bottom: 340 };
// Told apart by those who see few colours too (Okabe and Ito 2008), and by their marks.
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** The plot as an SVG file. Points beyond the ends of an axis are drawn at its end. */
export function asSvg(plot: Plot): string {
  const x = scale(plot.x, area.left, area.right);
  const y = scale(plot.y, area.bottom, area.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(area.left, 24, plot.title, 'font-size="16" font-weight="600"'),
    ...plot.x.ticks.map((tick) => vertical(x(tick), label(tick))),
    ...plot.y.ticks.map((tick) => horizontal(y(tick), label(tick))),
    text((area.left + area.right) / 2, area.bottom + 42, plot.x.label, 'text-anchor="middle"'),
    text(area.left - 4, area.top - 8, plot.y.label, 'text-anchor="start" fill="#555"'),
    ...plot.series.map((series, i) => drawn(series, i, x, y)),
    ...plot.series.map(({ name }, i) => legend(name, i)),
    '</svg>',
    '',
  ].join('\n');
}

function scale({ ticks, logarithmic }: Axis, from: number, to: number): (value: number) => number {
  const of = (value: number): number => (logarithmic === true ? Math.log(value) : value);
  const first = of(ticks[0] ?? 0);
  const span = of(ticks.at(-1) ?? 1) - first;
  return (value) => round(from + (to - from) * Math.min(1, Math.max(0, (of(value) - first) / span)));
}

function drawn({ points, scattered }: Series, i: number, x: Scale, y: Scale): string {
  const places = points.map(([px, py]) => [x(px), y(py)] as const);
  const marks = places.map(([cx, cy]) => mark(cx, cy, i)).join('');
  if (scattered === true) return marks;
  const path = places.map(([px, py]) => `${px},${py}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colourOf(i)}" stroke-width="2"/>${marks}`;
}

type Scale = (value: number) => number;

/** A disc, a square, a diamond: shapes besides colours. */
function mark(cx: number, cy: number, i: number): string {
  const fill = `fill="${colourOf(i)}"`;
  if (i % 3 === 0) return `<circle cx="${cx}" cy="${cy}" r="4" ${fill}/>`;
  const turn = i % 3 === 2 ? ` transform="rotate(45 ${cx} ${cy})"` : '';
  return `<rect x="${round(cx - 3.5)}" y="${round(cy - 3.5)}" width="7" height="7" ${fill}${turn}/>`;
}

function legend(name: string, i: number): string {
  const column = area.left + (i % 3) * 215;
  const row = area.bottom + (i < 3 ? 56 : 74);
  const at = row + 4;
  return `${mark(column, at, i)}${text(column + 10, at + 4, name, 'font-size="12"')}`;
}

function vertical(at: number, name: string): string {
  return `<path d="M${at} ${area.top}V${area.bottom}" stroke="#eee"/>${text(at, area.bottom + 18, name, 'text-anchor="middle" fill="#555"')}`;
}

function horizontal(at: number, name: string): string {
  return `<path d="M${area.left} ${at}H${area.right}" stroke="#eee"/>${text(area.left - 8, at + 4, name, 'text-anchor="end" fill="#555"')}`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escaped(words)}</text>`;
}

function colourOf(i: number): string {
  return colours[i % colours.length] ?? '#000';
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function label(tick: number): string {
  return String(round(tick));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
