export { SlipwayFailure } from './failure.ts';
export { LogVerifier } from './logs/verify.ts';
export type { FeedEvent, StatusUpdate } from './realtime/feed.ts';
export { type Result, unwrap } from './result.ts';
export { Slipway } from './slipway.ts';
