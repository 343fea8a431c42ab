import { Json } from '../wire/transcript';

/** A location that an answer cites. */
export interface Citation {
  number: number;
  fileId: string;
  /** The location in words: `page 3`. */
  label: string;
  quote: string;
  start: number | null;
  end: number | null;
}

/** Prefix of the names that links to citations have. */
export const CITATION_NAME = 'assistants-citation-';

/** Return the cited locations, numbered in order, each once. */
export function citationsOf(annotations: Json[]): {
  citations: Citation[];
  marks: Map<string, number>;
} {
  const citations: Citation[] = [];
  const marks = new Map<string, number>();
  const known = new Map<string, number>();
  for (const each of annotations) {
    if (each.type !== 'file_citation') {
      continue;
    }
    const ours = each.jupyter ?? {};
    const fileId = String(each.file_citation?.file_id ?? '');
    const place = `${fileId} ${ours.start ?? ''} ${ours.end ?? ''} ${ours.label ?? ''}`;
    let number = known.get(place);
    if (number === undefined) {
      number = citations.length + 1;
      known.set(place, number);
      citations.push({
        number,
        fileId,
        label: String(ours.label ?? ''),
        quote: String(ours.quote ?? ''),
        start: ours.start ?? null,
        end: ours.end ?? null
      });
    }
    marks.set(String(each.text), number);
  }
  return { citations, marks };
}

/** Return the text with a numbered link for every citation mark. */
export function withLinks(text: string, marks: Map<string, number>): string {
  let result = text;
  for (const [mark, number] of marks) {
    result = result.split(mark).join(` [${number}](${CITATION_NAME}${number})`);
  }
  return result;
}
