import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';

/** Statements in the words of what a function does with a table; each covers the table's indexes. */
const withIndexes = (table: TableV2) => [table.tableArn, `${table.tableArn}/index/*`];

const READ = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:BatchGetItem'] as const;
const WRITE = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
] as const;

interface Grantee {
  may(actions: readonly string[], resources: readonly string[]): unknown;
}

export function mayReadAndWrite(fn: Grantee, table: TableV2): void {
  fn.may([...READ, ...WRITE], withIndexes(table));
}
