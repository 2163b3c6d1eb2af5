/**
 * `bffkit/testing`: what a team needs to test its endpoints without sockets and without waiting.
 *
 * @module
 */

export { requireBudget } from './budget.ts';
export { asCaller, type TestCaller, testCallers } from './callers.ts';
export { type FakeAnswer, type FakeUpstream, type FakeUpstreams, fakeUpstreams } from './fake-upstreams.ts';
export { type ManualClock, manualClock } from './manual-clock.ts';
export { type ProveOptions, proveVersions } from './prove-versions.ts';
export { type Randomness, randomness, randomValue } from './random-values.ts';
export { recordReads } from './record-reads.ts';
export { type TestBff, testBff } from './test-bff.ts';
