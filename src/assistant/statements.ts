/** Cuts what a language model writes into statements: each ends with the marks of the passages it rests on, `[1]` or `[1][3]`. */

export interface Statement {
  /** As it was written, with the white space before it: joined, statements are the text. */
  readonly text: string;
  /** What it says, without its marks. */
  readonly claim: string;
  /** Numbers of passages, from 1. */
  readonly cited: readonly number[];
}

/** Up to a mark, further marks and the punctuation behind them, once it is known that nothing more belongs to it. */
const STATEMENT = /^[\s\S]*?\[\d{1,2}\](?:\s?\[\d{1,2}\])*[.!?…,;:)»”"*_]*(?=\s+[^\s[])/;
const LAST_STATEMENT = /^[\s\S]*?\[\d{1,2}\](?:\s?\[\d{1,2}\])*[.!?…,;:)»”"*_]*/;
const MARK = /\s?\[(\d{1,2})\]/g;

export interface StatementReader {
  /** The statements that are whole with this piece. */
  add(piece: string): Statement[];
  /** The statements that are left at the end of the text; what cites nothing is none. */
  end(): Statement[];
  /** Characters that wait for their mark. */
  waiting(): number;
}

export function createStatementReader(): StatementReader {
  let rest = '';
  const take = (form: RegExp): Statement[] => {
    const taken: Statement[] = [];
    for (let match = form.exec(rest); match !== null; match = form.exec(rest)) {
      rest = rest.slice(match[0].length);
      taken.push(statementOf(match[0]));
    }
    return taken;
  };
  return {
    add(piece) {
      rest += piece;
      return take(STATEMENT);
    },
    end: () => take(LAST_STATEMENT),
    waiting: () => rest.length,
  };
}

const statementOf = (text: string): Statement => ({
  text,
  claim: text.replace(MARK, ''),
  cited: [...new Set([...text.matchAll(MARK)].map(([, digits]) => Number(digits)))],
});

/** The text with other numbers in its marks. */
export const withMarks = (text: string, numberOf: (number: number) => number): string =>
  text.replace(/\[(\d{1,2})\]/g, (_mark, digits: string) => `[${numberOf(Number(digits))}]`);
