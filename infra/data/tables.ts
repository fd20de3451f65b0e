import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { type IndexShape, LIVE, RECORDS, SUMMARY, type TableShape } from '../../shared/store/tables.ts';

/** Deployments, projects, tokens: retained when the stack goes, restorable to any second of 35 days. */
export function recordsTable(scope: Construct): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, 'Records', {
    ...shape(RECORDS),
    dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

/** Log chunks, connections, tickets: gone by TTL, archived elsewhere, so no backup and no stream. */
export function liveTable(scope: Construct): dynamodb.TableV2 {
  return new dynamodb.TableV2(scope, 'Live', { ...shape(LIVE), removalPolicy: RemovalPolicy.RETAIN });
}

function shape(table: TableShape): dynamodb.TablePropsV2 {
  return {
    partitionKey: text(table.partition),
    sortKey: text(table.sort),
    timeToLiveAttribute: table.ttl,
    billing: dynamodb.Billing.onDemand(),
    globalSecondaryIndexes: table.indexes.map(index),
  };
}

function index(given: IndexShape): dynamodb.GlobalSecondaryIndexPropsV2 {
  const common = { indexName: given.name, partitionKey: text(given.partition), sortKey: text(given.sort) };
  switch (given.projection) {
    case 'all':
      return { ...common, projectionType: dynamodb.ProjectionType.ALL };
    case 'keys':
      return { ...common, projectionType: dynamodb.ProjectionType.KEYS_ONLY };
    case 'summary':
      return { ...common, projectionType: dynamodb.ProjectionType.INCLUDE, nonKeyAttributes: [SUMMARY] };
  }
}

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
