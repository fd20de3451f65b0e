import { PACE, type Pace } from '../../client/src/realtime/pace.ts';

/** Seconds as tens of milliseconds: the same order of things, for tests on a real network. */
export const QUICK: Pace = {
  ...PACE,
  openMs: 2000,
  quietMs: 100,
  pingMs: 200,
  pongMs: 150,
  tickMs: 10,
  gapMs: 20,
  sliceMs: 5,
  briefMs: 20,
  firstPauseMs: 5,
  mostPauseMs: 50,
  firstClimbMs: 100,
  mostClimbMs: 400,
  waitSeconds: 1,
  shortWaitSeconds: 1,
};
