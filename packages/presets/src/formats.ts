import { espalier } from '@espalier/container';
import { definePlugin, FORMAT, type Plugin } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';
import { deepCompressionFormat } from '@espalier/plugin-deep-compression-format';
import { tfliteFormat } from '@espalier/tflite';

/** Reads and writes ONNX. */
const onnx: Plugin = definePlugin({
  id: 'onnx',
  register(container) {
    container.register(FORMAT, { useValue: onnxFormat });
  },
});

/** Reads and writes TensorFlow Lite. */
const tflite: Plugin = definePlugin({
  id: 'tflite',
  register(container) {
    container.register(FORMAT, { useValue: tfliteFormat });
  },
});

/** All first-party file formats. The first that can measure is the one reports count bytes in. */
export const formatPlugins: readonly Plugin[] = [espalier, onnx, tflite, deepCompressionFormat];
