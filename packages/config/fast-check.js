// Where this runs as CI, property tests draw the same cases every time: a red run can be repeated, and a
// change is never blamed for a case that nobody drew before. Everywhere else each run draws new ones.
import fc from 'fast-check';

if (process.env.CI) fc.configureGlobal({ seed: 20_261_122 });
