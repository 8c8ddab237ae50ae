import { endTap, firstTap, Geometry, paddedTaps } from './geometry';

/** Whether the divisor of an average counts padding: ONNX count_include_pad. */
export type IncludePad = i32;

/**
 * Divisor of an average pool at one output pixel: the taps on the image, or with `includePad` also those on
 * declared padding. Taps past the padding (ceil_mode) never count.
 */
export function averageDivisor(g: Geometry, oy: i32, ox: i32, includePad: IncludePad): i32 {
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  if (includePad) {
    return paddedTaps(top, g.dilationHeight, g.kernelHeight, g.padTop, g.inputHeight + g.padBottom)
      * paddedTaps(left, g.dilationWidth, g.kernelWidth, g.padLeft, g.inputWidth + g.padRight);
  }
  return insideTaps(top, g.dilationHeight, g.kernelHeight, g.inputHeight)
    * insideTaps(left, g.dilationWidth, g.kernelWidth, g.inputWidth);
}

function insideTaps(origin: i32, dilation: i32, taps: i32, size: i32): i32 {
  return endTap(origin, dilation, taps, size) - firstTap(origin, dilation, taps, 0);
}
