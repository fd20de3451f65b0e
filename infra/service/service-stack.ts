import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { DataStack } from '../data/data-stack.ts';
import { originsIn, type Settings } from '../settings.ts';
import type { SiteResources } from '../site/resources.ts';
import { apiUrl, socketsEndpoint, websocketUrl } from './addresses.ts';
import { alarms } from './alarms.ts';
import { buildProject } from './builds.ts';
import {
  observeFromQueue,
  relayFromStream,
  settleWhatEnded,
  sweepEveryMinute,
  workFromQueue,
} from './events.ts';
import * as functions from './functions.ts';
import { grantAll } from './grants.ts';
import { httpRoutes, newHttpApi } from './http-api.ts';
import { machineArns, stateMachine } from './machine.ts';
import { deadLetterQueue, fanOutQueue, observeQueue } from './queues.ts';
import { Planning } from './schedules.ts';
import { answerSockets, socketsApi } from './sockets-api.ts';

export interface ServiceStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly sites: SiteResources;
  /** Path of the bundled runner. */
  readonly runnerProgram: string;
}

/** Everything that can be thrown away and deployed again: functions, machine, APIs, rules. */
export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { settings, data, sites } = props;
    const parts = {
      ...props,
      deadLetters: deadLetterQueue(this),
      bus: new events.EventBus(this, 'Bus', {
        description: 'What happens to deployments, for whoever listens.',
      }),
      builds: buildProject(this),
      program: new Asset(this, 'RunnerProgram', { path: props.runnerProgram }),
      sockets: socketsApi(this),
      http: newHttpApi(this, originsIn(settings)),
      machines: machineArns(this, settings.name),
    };
    const planning = new Planning(this, 'Planning', settings.name);
    const { deadLetters, http, machines, sockets } = parts;
    const observe = observeQueue(this, deadLetters);
    const fanOut = fanOutQueue(this);

    const base = settings.executeApiBase;
    const common = {
      RECORDS_TABLE: data.records.tableName,
      LIVE_TABLE: data.live.tableName,
      SERVICE_NAME: settings.name,
      LOG_LEVEL: settings.logLevel,
    };
    const posting = { ...common, SOCKETS_ENDPOINT: socketsEndpoint(sockets, base) };
    const publishing = { ...posting, FAN_OUT_QUEUE_URL: fanOut.queueUrl };
    const starting = { DEPLOY_MACHINE_ARN: machines.deploy, ROLLBACK_MACHINE_ARN: machines.rollback };
    const buckets = { ARTIFACTS_BUCKET: data.artifacts.bucketName, SECRETS_BUCKET: data.secrets.bucketName };

    const targets = functions.targetsFunction(
      this,
      {
        ...publishing,
        ...buckets,
        SITES_BUCKET: sites.bucket.bucketName,
        EDGE_KEY_VALUE_STORE: sites.keyValueStoreArn,
        SITE_HOSTING: sites.hosting,
        OBSERVE_QUEUE_URL: observe.queueUrl,
        PRIVATE_HOSTS: settings.privateHosts,
      },
      deadLetters,
    );
    const steps = functions.stepsFunction(
      this,
      {
        ...publishing,
        ARTIFACTS_BUCKET: data.artifacts.bucketName,
        TARGETS_FUNCTION: targets.live.functionArn,
        CODEBUILD_PROJECT: parts.builds.projectName,
        DEFAULT_RUNNER: settings.defaultRunner,
        API_URL: apiUrl(http, base),
      },
      deadLetters,
    );
    const moments = { SCHEDULE_GROUP: planning.group, SCHEDULE_ROLE: planning.role.roleArn };
    const due = functions.dueFunction(
      this,
      {
        ...common,
        ...moments,
        ...starting,
        EVENT_BUS_NAME: parts.bus.eventBusName,
        ARTIFACTS_BUCKET: data.artifacts.bucketName,
      },
      deadLetters,
    );
    const after = {
      ...publishing,
      STEPS_FUNCTION: steps.live.functionArn,
      ...starting,
      EVENT_BUS_NAME: parts.bus.eventBusName,
      ARTIFACTS_BUCKET: data.artifacts.bucketName,
    };
    const all = {
      due,
      targets,
      steps,
      relay: functions.relayFunction(this, after, deadLetters),
      sweep: functions.sweepFunction(this, { ...after, DUE_FUNCTION: due.live.functionArn }, deadLetters),
      jobs: functions.jobsFunction(this, {
        ...common,
        ...buckets,
        RUNNER_PROGRAM_BUCKET: parts.program.s3BucketName,
        RUNNER_PROGRAM_KEY: parts.program.s3ObjectKey,
        WEBSOCKET_URL: websocketUrl(sockets, base),
      }),
      ingest: functions.ingestFunction(this, { ...publishing, ARTIFACTS_BUCKET: data.artifacts.bucketName }),
      fanOut: functions.fanOutFunction(this, publishing),
      realtime: functions.realtimeFunction(this, {
        ...posting,
        ARTIFACTS_BUCKET: data.artifacts.bucketName,
        ALLOWED_ORIGINS: settings.allowedOrigins,
      }),
      waiting: functions.waitingFunction(this, {
        ...common,
        ARTIFACTS_BUCKET: data.artifacts.bucketName,
        OIDC_ISSUERS: settings.oidcIssuers,
        WAITING_PLACES: String(settings.waiters),
      }),
      bootstrap: functions.bootstrapFunction(this, common, deadLetters),
      api: functions.apiFunction(this, {
        ...common,
        ...buckets,
        ...starting,
        ...moments,
        DUE_FUNCTION: due.live.functionArn,
        WEBSOCKET_URL: websocketUrl(sockets, base),
        EVENT_BUS_NAME: parts.bus.eventBusName,
        CURSOR_KEY: Fn.select(2, Fn.split('/', this.stackId)),
        DEFAULT_RUNNER: settings.defaultRunner,
        PRIVATE_HOSTS: settings.privateHosts,
        OIDC_ISSUERS: settings.oidcIssuers,
      }),
    };
    grantAll(all, { ...parts, observe, fanOut, planning });

    const stages = { steps: steps.live, targets: targets.live };
    const deployMachine = stateMachine(this, settings.name, 'deploy', stages);
    const rollbackMachine = stateMachine(this, settings.name, 'rollback', stages);
    httpRoutes(http, {
      api: all.api.live,
      jobs: all.jobs.live,
      ingest: all.ingest.live,
      waiting: all.waiting.live,
    });
    answerSockets(sockets, all.realtime.live);
    settleWhatEnded(this, Object.values(machines), steps.live, deadLetters);
    sweepEveryMinute(this, all.sweep.live, deadLetters);
    relayFromStream(data.records, all.relay.live, deadLetters);
    observeFromQueue(observe, targets.live);
    workFromQueue(fanOut, all.fanOut.live);
    alarms(this, {
      deadLetters,
      fanOut,
      deployMachine,
      rollbackMachine,
      relay: all.relay.live,
      sweep: all.sweep.live,
      api: all.api.live,
    });

    const outputs = {
      ApiUrl: apiUrl(http, base),
      WebsocketUrl: websocketUrl(sockets, base),
      BootstrapFunction: all.bootstrap.fn.functionName,
      CodeBuildProject: parts.builds.projectName,
      DeployMachineArn: machines.deploy,
      RollbackMachineArn: machines.rollback,
      EventBusName: parts.bus.eventBusName,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
