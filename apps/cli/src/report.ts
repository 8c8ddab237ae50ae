export { reportPage } from './report/page.js';
export type {
  ReportData,
  ReportFile,
  ReportLayer,
  ReportPass,
  ReportQuality,
  WeightHistogram,
} from './report/report-data.js';
export { reportHistograms, reportLayers } from './report/report-from-run.js';
