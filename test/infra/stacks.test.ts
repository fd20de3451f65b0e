import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import * as env from '../../shared/contracts/env.ts';
import { tallyKey, ticketKey, waitingPlaceKey } from '../../shared/store/keys.ts';
import { synthesised } from './synth.ts';

let stacks: ReturnType<typeof synthesised>;
beforeAll(() => {
  stacks = synthesised();
}, 120_000);

const SCHEMAS: Readonly<Record<string, z.ZodMiniType>> = {
  Api: env.apiEnv,
  Jobs: env.jobsEnv,
  Ingest: env.ingestEnv,
  FanOut: env.fanOutEnv,
  Realtime: env.realtimeEnv,
  Waiting: env.waitingEnv,
  Steps: env.stepsEnv,
  Targets: env.targetsEnv,
  Relay: env.relayEnv,
  Sweep: env.sweepEnv,
  Bootstrap: env.bootstrapEnv,
};

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}
const resources = (template: Template, type: string): [string, Resource][] =>
  // findResources answers loosely typed CloudFormation.
  Object.entries(template.findResources(type) as Record<string, Resource>);

const functionNamed = (name: string) =>
  resources(stacks.service, 'AWS::Lambda::Function').find(([id]) => id.startsWith(`${name}Function`))?.[1];

describe('the service stack', () => {
  it.each(Object.entries(SCHEMAS))(
    'gives %s exactly the environment that its handler parses',
    (name, schema) => {
      const variables = functionNamed(name)?.Properties['Environment'];
      const given = Object.keys((variables as { Variables: object }).Variables).sort();
      const shape = (schema as z.ZodMiniObject).shape;
      expect(given).toEqual(Object.keys(shape).sort());
    },
  );

  it('runs every function on arm64 with a deadline and no source-map flag', () => {
    for (const [id, { Properties }] of resources(stacks.service, 'AWS::Lambda::Function')) {
      expect(Properties['Architectures'], id).toEqual(['arm64']);
      expect(Properties['Timeout'], id).toBeGreaterThan(0);
      expect(JSON.stringify(Properties['Environment']), id).not.toContain('source-maps');
    }
  });

  it('keeps nothing of what many viewers should have seen longer than five minutes', () => {
    const [, queue] =
      resources(stacks.service, 'AWS::SQS::Queue').find(([id]) => id.startsWith('FanOutQueue')) ?? [];
    expect(queue?.Properties['MessageRetentionPeriod']).toBe(300);
    expect(queue?.Properties).not.toHaveProperty('RedrivePolicy');
  });

  it('lets no function but jobs and targets read secrets', () => {
    for (const [id, { Properties }] of resources(stacks.service, 'AWS::IAM::Policy')) {
      const statements = (
        Properties['PolicyDocument'] as { Statement: { Action: string | string[]; Resource: unknown }[] }
      ).Statement;
      const reads = statements.some(
        (statement) =>
          JSON.stringify(statement.Resource).includes('/secrets/*') &&
          [statement.Action].flat().includes('s3:GetObject'),
      );
      expect(reads, id).toBe(id.startsWith('JobsRole') || id.startsWith('TargetsRole'));
    }
  });

  it('keeps every log group for a bounded time', () => {
    for (const template of [stacks.service, stacks.sites]) {
      for (const [id, { Properties }] of resources(template, 'AWS::Logs::LogGroup')) {
        expect(Properties['RetentionInDays'], id).toBeGreaterThan(0);
      }
    }
  });

  it('gives what is called asynchronously a dead-letter queue', () => {
    for (const name of ['Steps', 'Targets', 'Relay', 'Sweep', 'Bootstrap']) {
      expect(functionNamed(name)?.Properties['DeadLetterConfig'], name).toBeDefined();
    }
    stacks.service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BisectBatchOnFunctionError: true,
      DestinationConfig: Match.objectLike({ OnFailure: Match.anyValue() }),
    });
  });

  it('answers pages of no other origin unless it is told to, and keeps concurrency for those who wait', () => {
    const [[, api] = []] = resources(stacks.service, 'AWS::ApiGatewayV2::Api').filter(
      ([, { Properties }]) => Properties['ProtocolType'] === 'HTTP',
    );
    expect(api?.Properties).not.toHaveProperty('CorsConfiguration');
    const waiting = functionNamed('Waiting')?.Properties ?? {};
    const environment = waiting['Environment'] as { Variables: Record<string, string> };
    const places = Number(environment.Variables['WAITING_PLACES']);
    expect(places).toBeGreaterThan(0);
    expect(waiting['ReservedConcurrentExecutions']).toBeGreaterThan(places);

    const origins = ['https://console.example.com'];
    const { service } = synthesised({ allowedOrigins: JSON.stringify(origins), waiters: '0' });
    service.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: {
        AllowOrigins: origins,
        AllowHeaders: Match.arrayWith(['authorization', 'last-event-id']),
        ExposeHeaders: Match.arrayWith(['etag', 'retry-after']),
      },
    });
    for (const [id, { Properties }] of resources(service, 'AWS::Lambda::Function'))
      expect(Properties, id).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  it('lets those who wait write their places and tickets and what they cost, and nothing else', () => {
    const [[, policy] = []] = resources(stacks.service, 'AWS::IAM::Policy').filter(([id]) =>
      id.startsWith('WaitingRole'),
    );
    const { PolicyDocument } = policy?.Properties ?? {};
    const document = PolicyDocument as {
      Statement: { Action: string | string[]; Condition?: unknown }[];
    };
    const writing = document.Statement.filter(({ Action }) =>
      [Action].flat().some((one) => /^dynamodb:(?!Get|Query|BatchGet)/.test(one)),
    );
    const only = (...partitions: string[]) => ({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
    });
    expect(writing).toMatchObject([
      {
        Action: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
        Condition: only(waitingPlaceKey(1).pk, ticketKey('*').pk),
      },
      { Action: 'dynamodb:UpdateItem', Condition: only(tallyKey('*').pk) },
    ]);
  });

  it('throttles both APIs', () => {
    for (const [id, { Properties }] of resources(stacks.service, 'AWS::ApiGatewayV2::Stage')) {
      expect(Properties['DefaultRouteSettings'], id).toMatchObject({
        ThrottlingRateLimit: expect.any(Number),
      });
    }
  });
});

describe('the stacks of data and sites', () => {
  it('keep tables, buckets and the switch when the stack goes', () => {
    const kept = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::CloudFront::KeyValueStore'];
    for (const type of kept) {
      for (const template of [stacks.data, stacks.sites]) {
        for (const [id, { DeletionPolicy }] of resources(template, type))
          expect(DeletionPolicy, id).toBe('Retain');
      }
    }
  });

  it('back up records to the second and let live data expire', () => {
    stacks.data.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [
        Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
      ],
    });
    stacks.data.allResourcesProperties('AWS::DynamoDB::GlobalTable', {
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
  });

  it('block public access to every bucket and encrypt it', () => {
    for (const template of [stacks.data, stacks.sites]) {
      template.allResourcesProperties('AWS::S3::Bucket', {
        BucketEncryption: Match.anyValue(),
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      });
    }
  });

  it('look nothing up in an account at synth', () => {
    expect(stacks.assembly.manifest.missing ?? []).toEqual([]);
  });
});

describe('the settings', () => {
  it('refuse a name that is none of ours', () => {
    expect(() => synthesised({ defaultRuner: 'agent' })).toThrow(/defaultRuner/);
  });

  it('refuse a runner that does not exist', () => {
    expect(() => synthesised({ defaultRunner: 'lambda' })).toThrow(/defaultRunner/);
  });
});
