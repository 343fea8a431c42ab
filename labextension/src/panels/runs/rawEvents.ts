/** An event as it was received. */
export interface RawEvent {
  /** Its position, from 1. */
  number: number;
  event: string;
  data: unknown;
  id: string;
  /** Milliseconds since reading began. */
  at: number;
}

/** Consecutive events of the same name. */
export interface EventGroup {
  event: string;
  events: RawEvent[];
}

/** Group consecutive events of the same name, so that a hundred deltas are one line. */
export function grouped(events: readonly RawEvent[]): EventGroup[] {
  const groups: EventGroup[] = [];
  for (const each of events) {
    const last = groups[groups.length - 1];
    if (last !== undefined && last.event === each.event) {
      last.events.push(each);
    } else {
      groups.push({ event: each.event, events: [each] });
    }
  }
  return groups;
}

/** Return events as JSON lines. */
export function jsonLines(events: readonly RawEvent[]): string {
  return events
    .map(({ event, data, id }) => JSON.stringify({ event, id, data }) + '\n')
    .join('');
}

/** Return a one-line summary of a JSON value. */
export function summary(value: unknown, most = 60): string {
  if (Array.isArray(value)) {
    return `[${value.length}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value);
    return cut(`{${names.join(', ')}}`, most);
  }
  return cut(JSON.stringify(value) ?? 'undefined', most);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
