import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../shell/theme.js';
import { exampleStrokes } from './example-strokes.js';
import { strokes } from './laboratory.js';
import type { Point } from './strokes.js';

/** Device-independent pixels of the sheet's own grid; it is scaled to the room there is. */
const GRID = 280;
/** What an arrow key moves the pen by. */
const STEP = 0.04;

/** The sheet that a digit is drawn on, with pointer or keys. */
export function Sheet(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  const pen = useSignal<Point | null>(null);
  const isDown = useSignal(false);

  useEffect(
    () => paint(canvas.current, pen.value, isDown.value),
    [strokes.value, pen.value, isDown.value, theme.value],
  );

  const place = (event: PointerEvent): Point => {
    const { left, top, width, height } = (event.currentTarget as Element).getBoundingClientRect(); // the canvas
    return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) };
  };
  const begin = (point: Point): void => {
    strokes.value = [...strokes.value, [point]];
  };
  const extend = (point: Point): void => {
    strokes.value = [...strokes.value.slice(0, -1), [...(strokes.value.at(-1) ?? []), point]];
  };
  const press = (event: KeyboardEvent): void => {
    const move = moves[event.key];
    const from = pen.value ?? { x: 0.5, y: 0.3 };
    if (move !== undefined) {
      pen.value = { x: within(from.x + move[0] * STEP), y: within(from.y + move[1] * STEP) };
      if (isDown.value) extend(pen.value);
    } else if (event.key === ' ' || event.key === 'Enter') {
      isDown.value = !isDown.value;
      pen.value = from;
      if (isDown.value) begin(from);
    } else if (event.key === 'Backspace' || event.key === 'Delete') {
      strokes.value = strokes.value.slice(0, -1);
    } else return;
    event.preventDefault();
  };

  return (
    <div class="sheet">
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is drawn on with keys */}
      <canvas
        ref={canvas}
        width={GRID * 2}
        height={GRID * 2}
        role="application"
        tabIndex={0}
        aria-label="Sheet to draw a digit on"
        aria-describedby="sheet-help"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          drawing.current = true;
          pen.value = null;
          begin(place(event));
        }}
        onPointerMove={(event) => drawing.current && extend(place(event))}
        onPointerUp={() => {
          drawing.current = false;
        }}
        onPointerCancel={() => {
          drawing.current = false;
        }}
        onKeyDown={press}
        onBlur={() => {
          pen.value = null;
          isDown.value = false;
        }}
      />
      <div class="sheet-tools">
        <button type="button" class="button" onClick={() => (strokes.value = [])}>
          Clear
        </button>
        <div class="examples">
          {exampleStrokes.map((example, digit) => (
            <button
              type="button"
              key={digit}
              class="chip"
              aria-label={`Draw an example of ${digit}`}
              onClick={() => (strokes.value = example)}
            >
              {digit}
            </button>
          ))}
        </div>
      </div>
      <p id="sheet-help" class="hint">
        Draw with mouse, finger or pen. By keys: arrows move, space puts the pen down and up, backspace takes
        a line back.
      </p>
    </div>
  );
}

const moves: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function within(x: number): number {
  return Math.min(1, Math.max(0, x));
}

function paint(canvas: HTMLCanvasElement | null, pen: Point | null, isDown: boolean): void {
  const context = canvas?.getContext('2d');
  if (canvas == null || context == null) return;
  const style = getComputedStyle(canvas);
  const size = canvas.width;
  context.clearRect(0, 0, size, size);
  context.strokeStyle = style.color;
  context.lineWidth = size * 0.075;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes.value) {
    context.beginPath();
    for (const [i, { x, y }] of stroke.entries()) {
      if (i === 0) context.moveTo(x * size, y * size);
      context.lineTo(x * size, y * size);
    }
    context.stroke();
  }
  if (pen === null) return;
  context.lineWidth = 4;
  context.strokeStyle = style.accentColor === 'auto' ? style.color : style.accentColor;
  context.beginPath();
  context.arc(pen.x * size, pen.y * size, isDown ? 12 : 20, 0, 2 * Math.PI);
  context.stroke();
}
