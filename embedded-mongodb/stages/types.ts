// What stages are made of: a context from the server and functions from documents to documents, pulled lazily.
import { type Doc, type StringOrder, type Value } from '../bson/index.js';
import { type MongoError } from '../errors.js';
import { type Scope } from '../expressions/types.js';
import { isPauseDoc } from './pause.js';
import { type NamedStage } from './sort-early.js';

/** What the server provides to a pipeline. */
export interface PipelineContext {
  /** All documents of another collection of the same database, with pauses among them if `pausable`; nothing when it does not exist. */
  readonly collection: (name: string) => Iterable<Doc>;
  /** The command's `let`. */
  readonly let?: Doc;
  /** The instant of the command. */
  readonly now?: Date;
  readonly collation?: Doc;
  /** MongoDB loads whole documents, as it does for an update, and not only the fields that the stages need. */
  readonly whole?: boolean;
  /** The documents of the source and of the result may have pauses among them. */
  readonly pausable?: boolean;
}

/** What a stage is compiled in. */
export interface StageContext {
  readonly pipeline: PipelineContext;
  readonly scope: Scope;
  readonly strings: StringOrder;
  /** Faults that MongoDB finds after those of all stages: those inside `$unionWith`. */
  readonly lateFaults: MongoError[];
  /** The stages behind the one that is compiled. */
  readonly behind: readonly NamedStage[];
  /** Compiles a nested pipeline; carried along so that stages need not import what imports them. */
  readonly compile: (stages: Value, scope: Scope, where: NestedIn) => Stage;
}

/** The stage around a nested pipeline: it decides which stages are allowed inside. */
export type NestedIn = '$lookup' | '$unionWith' | '$facet';

/** A compiled stage. */
export type Stage = (source: Iterable<Doc>) => Iterable<Doc>;

/** Compiles the specification of a stage. */
export type CompileStage = (spec: Value, context: StageContext) => Stage;

/** A stage that makes one document of each. */
export function perDocument(change: (doc: Doc) => Doc): Stage {
  return function* (source) {
    for (const doc of source) yield isPauseDoc(doc) ? doc : change(doc);
  };
}
