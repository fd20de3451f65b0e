import { Duration } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type {
  ApiEnv,
  BootstrapEnv,
  DueEnv,
  FanOutEnv,
  IngestEnv,
  JobsEnv,
  RealtimeEnv,
  RelayEnv,
  StepsEnv,
  SweepEnv,
  TargetsEnv,
  WaitingEnv,
} from '../../shared/contracts/env.ts';
import { SlipwayFunction } from '../constructs/slipway-function.ts';

/** A message holds work for about 5 s; whoever is slower leaves the rest to another one after 40 s. */
const FAN_OUT_TIMEOUT = Duration.minutes(1);

/** The longest a Lambda may run (AWS limit); stages bound themselves below it. */
const LONGEST = Duration.minutes(15);

export const apiFunction = (scope: Construct, environment: ApiEnv) =>
  new SlipwayFunction(scope, 'Api', {
    name: 'api',
    description: 'HTTPS API: projects, versions, deployments, tokens.',
    environment,
    timeout: Duration.seconds(29),
    memorySize: 1024,
  });

export const jobsFunction = (scope: Construct, environment: JobsEnv) =>
  new SlipwayFunction(scope, 'Jobs', {
    name: 'jobs',
    description: 'Gives a runner its job; one of two functions that read secrets.',
    environment,
    timeout: Duration.seconds(29),
  });

export const ingestFunction = (scope: Construct, environment: IngestEnv) =>
  new SlipwayFunction(scope, 'Ingest', {
    name: 'ingest',
    description: 'Takes log lines and results from runners and pushes lines to viewers.',
    environment,
    timeout: Duration.seconds(29),
  });

export const fanOutFunction = (scope: Construct, environment: FanOutEnv) =>
  new SlipwayFunction(scope, 'FanOut', {
    name: 'fan-out',
    description: 'Posts to the viewers of what many watch, under a cap of posts a second.',
    environment,
    timeout: FAN_OUT_TIMEOUT,
    memorySize: 1024, // 200 signed requests a second
  });

export const realtimeFunction = (scope: Construct, environment: RealtimeEnv) =>
  new SlipwayFunction(scope, 'Realtime', {
    name: 'realtime',
    description: 'WebSocket: connect, subscribe, replay.',
    environment,
    timeout: Duration.seconds(29),
  });

/** Reserved beside the places of those who wait: for who is answered at once, or told that there is no place. */
const ANSWERED_AT_ONCE = 10;

export const waitingFunction = (scope: Construct, environment: WaitingEnv) => {
  const places = Number(environment.WAITING_PLACES);
  return new SlipwayFunction(scope, 'Waiting', {
    name: 'waiting',
    description: 'Requests that wait: Server-Sent Events and long polls.',
    environment,
    timeout: Duration.seconds(29),
    // It sleeps nearly all of its time, which costs by memory; an answer is 6 MB at the most.
    memorySize: 256,
    reservedConcurrency: places === 0 ? undefined : places + ANSWERED_AT_ONCE,
  });
};

export const stepsFunction = (scope: Construct, environment: StepsEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Steps', {
    name: 'steps',
    description: 'Gate, build and settlement of a deployment.',
    environment,
    timeout: LONGEST,
    deadLetters,
  });

export const targetsFunction = (scope: Construct, environment: TargetsEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Targets', {
    name: 'targets',
    description:
      'Releases, verifies, activates, reads back; the only one that calls platforms and given URLs.',
    environment,
    timeout: LONGEST,
    memorySize: 1769, // one whole vCPU: hashing and upload of up to 500 MB
    deadLetters,
  });

export const relayFunction = (scope: Construct, environment: RelayEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Relay', {
    name: 'relay',
    description: 'Announces every change of a deployment.',
    environment,
    timeout: Duration.minutes(2),
    deadLetters,
  });

export const dueFunction = (scope: Construct, environment: DueEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Due', {
    name: 'due',
    description: 'Begins what was planned for a moment.',
    environment,
    timeout: Duration.minutes(1),
    deadLetters,
  });

export const sweepFunction = (scope: Construct, environment: SweepEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Sweep', {
    name: 'sweep',
    description: 'Once a minute: ends what died, repairs what was lost.',
    environment,
    timeout: Duration.minutes(5),
    // One whole vCPU: packing and hashing the largest log takes 40 s of it. A sweep that finds nothing to do takes some
    // 0.2 s, so this is about 43,200 x 0.2 s x 1.73 GB x $0.0000133 = $0.20 a month instead of $0.06.
    memorySize: 1769,
    deadLetters,
  });

export const bootstrapFunction = (scope: Construct, environment: BootstrapEnv, deadLetters: IQueue) =>
  new SlipwayFunction(scope, 'Bootstrap', {
    name: 'bootstrap',
    description: 'Makes an admin token; callable with IAM only (slipway login --stack).',
    environment,
    timeout: Duration.seconds(29),
    deadLetters,
  });
