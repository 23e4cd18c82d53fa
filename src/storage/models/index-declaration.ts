/** How a collection declares its indexes: the key, the options and the query that needs it. The declarations are what is built at start. */
import { type CreateIndexesOptions } from 'mongodb';

export interface IndexDeclaration {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly options?: Pick<CreateIndexesOptions, 'name' | 'unique' | 'sparse' | 'partialFilterExpression' | 'expireAfterSeconds'>;
  /** Name of the index by which earlier versions did the same: dropped at the start, before this one is built. */
  readonly replaces?: string;
  /** Which query needs it, or what it enforces. */
  readonly reason: string;
}
