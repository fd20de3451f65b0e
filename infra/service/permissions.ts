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

type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

interface Grantee {
  may(actions: readonly string[], resources: readonly string[], only?: Conditions): unknown;
}

export function mayRead(fn: Grantee, table: TableV2): void {
  fn.may(READ, withIndexes(table));
}

/** Changes of items whose partition key is like one of these (shared/store/keys.ts), and of no others. */
export function mayOnly(
  fn: Grantee,
  actions: readonly (typeof WRITE)[number][],
  table: TableV2,
  partitions: readonly string[],
): void {
  fn.may(actions, [table.tableArn], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
  });
}

export function mayReadAndWrite(fn: Grantee, table: TableV2): void {
  fn.may([...READ, ...WRITE], withIndexes(table));
}
