export { deepCompressionFormat } from './plugin.js';
