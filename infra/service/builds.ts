import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { DEADLINES } from '../../shared/domain/deadlines.ts';
import { explain } from '../nag.ts';

/**
 * Commands of a build in CodeBuild: fetch the runner, run exactly one job.
 * SLIPWAY_URL, SLIPWAY_JOB_KEY and SLIPWAY_TICKET come with StartBuild; the ticket works once.
 */
export const RUNNER_COMMANDS = [
  'curl --fail --silent --show-error --location --retry 3 --max-time 120 "$SLIPWAY_URL/v1/runner/program" --output runner.cjs',
  'node runner.cjs once --url "$SLIPWAY_URL" --job-key "$SLIPWAY_JOB_KEY" --ticket "$SLIPWAY_TICKET"',
] as const;

/** A project whose role can do nothing but write its own log: everything else comes with the claimed job. */
export function buildProject(scope: Construct): codebuild.Project {
  const logGroup = new logs.LogGroup(scope, 'BuildLog', {
    retention: logs.RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const project = new codebuild.Project(scope, 'Builds', {
    description: 'Runs one Slipway job: clone, install, build, upload.',
    buildSpec: codebuild.BuildSpec.fromObject({
      version: '0.2',
      phases: {
        install: { 'runtime-versions': { nodejs: '24' } },
        build: { commands: [...RUNNER_COMMANDS] },
      },
    }),
    environment: {
      buildImage: codebuild.LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0,
      computeType: codebuild.ComputeType.SMALL,
      privileged: false,
    },
    timeout: Duration.seconds(DEADLINES.build.max),
    queuedTimeout: Duration.hours(1),
    logging: { cloudWatch: { logGroup } },
    grantReportGroupPermissions: false,
  });
  explain(
    project,
    'The project stores nothing: the artifact goes to the encrypted bucket by a presigned link.',
    'CB4',
  );
  return project;
}
