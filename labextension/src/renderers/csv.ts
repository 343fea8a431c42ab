import { dsvFormat } from 'd3-dsv';

/** The first rows of a CSV or TSV file. */
export interface Table {
  header: string[];
  rows: string[][];
  /** Whether the file has more rows than these. */
  more: boolean;
}

const SEPARATORS = [',', ';', '\t', '|'];

/** Return the first rows of CSV text; the separator is the most frequent one of its first line. */
export function readTable(text: string, limit = 50): Table {
  const firstLine = text.slice(0, text.search(/\r?\n|$/));
  // `parseRows` compiles no code, unlike `parse`, so a strict content security policy allows it.
  const [header = [], ...body] = dsvFormat(separatorOf(firstLine)).parseRows(text);
  return { header, rows: body.slice(0, limit), more: body.length > limit };
}

function separatorOf(line: string): string {
  const count = (separator: string): number => line.split(separator).length;
  return SEPARATORS.reduce((best, each) => (count(each) > count(best) ? each : best));
}
