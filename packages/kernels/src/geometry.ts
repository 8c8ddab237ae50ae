/** Shape of a 2-D convolution or pool over NHWC images. A 1-D one has heights of 1. */
export interface Geometry {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly padBottom: number;
  readonly padRight: number;
  /** 1 for pools and depthwise kernels, which ignore it. */
  readonly groups: number;
}

/** Some of the output rows, counted over all images: image * outputHeight + oy. How work is split over threads. */
export interface RowRange {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** The fields in the order of the struct in assembly/geometry.ts. */
const GEOMETRY_FIELDS: readonly (keyof Geometry)[] = [
  'batch',
  'inputHeight',
  'inputWidth',
  'inputChannels',
  'outputHeight',
  'outputWidth',
  'outputChannels',
  'kernelHeight',
  'kernelWidth',
  'strideHeight',
  'strideWidth',
  'dilationHeight',
  'dilationWidth',
  'padTop',
  'padLeft',
  'padBottom',
  'padRight',
  'groups',
];

/** Bytes of a geometry in kernel memory. */
export const GEOMETRY_BYTES: number = 4 * 20;

/**
 * The int32 words kernels read: write them to a 4 byte aligned place of GEOMETRY_BYTES bytes.
 *
 * @param rows - what one call computes; all rows of all images where left out
 */
export function geometryWords(geometry: Geometry, rows?: RowRange): Int32Array {
  const { first, end } = rows ?? { first: 0, end: geometry.batch * geometry.outputHeight };
  return Int32Array.from([...GEOMETRY_FIELDS.map((field) => geometry[field]), first, end]);
}
