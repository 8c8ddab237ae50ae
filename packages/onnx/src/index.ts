export { onnxFormat } from './format.js';
export { readOnnx } from './read-onnx.js';
export { writeOnnx } from './write-onnx.js';
