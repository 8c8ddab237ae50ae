import { type ErrorReport, EspalierError } from './espalier-error.js';

/** The run was cancelled by its AbortSignal. */
export class AbortedError extends EspalierError {
  constructor(report: ErrorReport) {
    super('ABORTED', report);
  }
}

/** A data set has the wrong shape, type or count for the model. */
export class DataError extends EspalierError {
  constructor(report: ErrorReport) {
    super('DATA', report);
  }
}

/** A file is missing, unreadable, in the way, or can't be written. */
export class FileError extends EspalierError {
  constructor(report: ErrorReport) {
    super('FILE', report);
  }
}

/** The bytes are not what their format demands: cut, flipped, hostile, or another format. */
export class FormatError extends EspalierError {
  constructor(report: ErrorReport) {
    super('FORMAT', report);
  }
}

/** A broken invariant of Espalier itself: please report it. */
export class InternalError extends EspalierError {
  constructor(report: ErrorReport) {
    super('INTERNAL', report);
  }
}

/** A pass undid what an earlier pass had established. Names both. */
export class InvariantError extends EspalierError {
  constructor(report: ErrorReport) {
    super('INVARIANT', report);
  }
}

/** The model contradicts itself: a cycle, a missing value, a wrong arity, types that do not fit. */
export class ModelError extends EspalierError {
  constructor(report: ErrorReport) {
    super('MODEL', report);
  }
}

/** An option is unknown, of the wrong type or out of range. */
export class OptionsError extends EspalierError {
  constructor(report: ErrorReport) {
    super('OPTIONS', report);
  }
}

/** A pass failed. Names it and those that ran before it; `cause` is the error it threw. */
export class PassError extends EspalierError {
  constructor(report: ErrorReport) {
    super('PASS', report);
  }
}

/** A plugin can't be found or loaded, or was made for another version. */
export class PluginError extends EspalierError {
  constructor(report: ErrorReport) {
    super('PLUGIN', report);
  }
}

/** Shapes do not fit each other, or a tensor's data does not fit its shape. */
export class ShapeError extends EspalierError {
  constructor(report: ErrorReport) {
    super('SHAPE', report);
  }
}

/** A worker thread could not be started, or failed in a run. What it worked for can't run any more. */
export class ThreadError extends EspalierError {
  constructor(report: ErrorReport) {
    super('THREAD', report);
  }
}

/** Training can't go on: the loss is no finite number. Says in which step, and where. */
export class TrainingError extends EspalierError {
  constructor(report: ErrorReport) {
    super('TRAINING', report);
  }
}

/** An operator, type or feature is outside what this part can do. Names it and the reason. */
export class UnsupportedError extends EspalierError {
  constructor(report: ErrorReport) {
    super('UNSUPPORTED', report);
  }
}
