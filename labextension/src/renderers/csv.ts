/** A table read from CSV or TSV. */
export interface Table {
  header: string[];
  rows: string[][];
  /** Whether there are more rows than these. */
  more: boolean;
}

/** Read the first rows of CSV text; the separator is the one that its first line has most of. */
export function readTable(text: string, most = 50): Table {
  const separator = separatorOf(text.slice(0, text.search(/\r?\n|$/)));
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endField = (): void => {
    row.push(field);
    field = '';
  };
  for (let at = 0; at < text.length && rows.length <= most + 1; at++) {
    const character = text[at];
    if (quoted) {
      if (character !== '"') {
        field += character;
      } else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else {
        quoted = false;
      }
    } else if (character === '"' && field === '') {
      quoted = true;
    } else if (character === separator) {
      endField();
    } else if (character === '\n') {
      endField();
      rows.push(row);
      row = [];
    } else if (character !== '\r') {
      field += character;
    }
  }
  if (field || row.length > 0) {
    endField();
    rows.push(row);
  }
  const [header = [], ...body] = rows;
  return { header, rows: body.slice(0, most), more: body.length > most };
}

function separatorOf(line: string): string {
  const counts = [',', ';', '\t', '|'].map(each => ({
    each,
    n: line.split(each).length
  }));
  return counts.sort((a, b) => b.n - a.n)[0].each;
}
