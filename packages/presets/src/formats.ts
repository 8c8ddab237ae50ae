import { espalier } from '@espalier/container';
import { definePlugin, FORMAT, type Plugin } from '@espalier/core';
import { onnxFormat } from '@espalier/onnx';

/** Reads and writes ONNX. */
const onnx: Plugin = definePlugin({
  id: 'onnx',
  register(container) {
    container.register(FORMAT, { useValue: onnxFormat });
  },
});

/** All first-party file formats. The first that can measure is the one reports count bytes in. */
export const formatPlugins: readonly Plugin[] = [espalier, onnx];
