/** How a collection declares its indexes: the key, the options and the query that needs it. The declarations are what is built at start. */
import { type CreateIndexesOptions } from 'mongodb';

export interface IndexDeclaration {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly options?: Pick<CreateIndexesOptions, 'unique' | 'sparse' | 'partialFilterExpression' | 'expireAfterSeconds'>;
  /** Which query needs it, or what it enforces. */
  readonly reason: string;
}
