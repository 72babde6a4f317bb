// Property tests draw the same examples each time, so that the same mutants survive.
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_126 });
