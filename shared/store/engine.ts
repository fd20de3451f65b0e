/** What the store asks of DynamoDB, and in which words: everything else of it goes through these. */
export {
  type Condition,
  type Item,
  type TableName,
  tableName,
  type Update,
  type Write,
} from './expressions.ts';
export { deleteItem, getItem, getItems, putItem, updateItem } from './items.ts';
export { type Page, type QueryOptions, queryPage } from './queries.ts';
export { transact } from './transactions.ts';
