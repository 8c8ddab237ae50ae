// benchmark.js takes both as they are.
declare module 'lodash' {
  const lodash: object;
  export = lodash;
}
declare module 'platform' {
  const platform: object;
  export = platform;
}
