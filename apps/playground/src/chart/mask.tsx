import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { theme } from '../shell/theme.js';

/** The weights of a layer as a picture, a pixel a weight: a row for each output, a column for each input. */
export function Mask(props: {
  /** Shades as `shadeOf` gives them. */
  readonly picture: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}): JSX.Element {
  const { picture, width, height, label } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (canvas.current === null || context == null) return;
    const colours = paletteOf(canvas.current);
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < picture.length; i++) pixels[i] = colours[picture[i]!]!; // i < length; a byte
    context.putImageData(image, 0, 0);
  }, [picture, theme.value]);
  return (
    <canvas
      ref={canvas}
      class={width > 2 * height ? 'mask mask-wide' : 'mask'}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    />
  );
}

/** 256 colours as little-endian RGBA: what is pruned lets the paper through. */
function paletteOf(element: Element): Uint32Array {
  const style = getComputedStyle(element);
  const [negative, positive] = ['--negative-rgb', '--positive-rgb'].map((name) =>
    style.getPropertyValue(name).split(' ').map(Number),
  );
  return Uint32Array.from({ length: 256 }, (_, shade) => {
    if (shade === 0) return 0;
    const [r = 0, g = 0, b = 0] = (shade < 128 ? negative : positive) ?? [];
    const strength = shade < 128 ? (128 - shade) / 127 : (shade - 128) / 127;
    const alpha = Math.round(70 + 185 * strength);
    return (alpha << 24) | (b << 16) | (g << 8) | r;
  });
}
