export { onnxFormat } from './format.js';
export { readOnnx } from './read-onnx.js';
