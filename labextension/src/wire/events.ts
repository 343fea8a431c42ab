/** One server-sent event; data that is no JSON (`[DONE]`) stays text. */
export interface ServerEvent {
  event: string;
  data: unknown;
  /** What to name in `Last-Event-ID` to go on behind this event; empty when it has none. */
  id: string;
}

/** Decodes lines to events. It is told chunks of text and holds what is not complete yet. */
export class EventDecoder {
  /** Take a chunk and give the events that it completes. */
  push(chunk: string): ServerEvent[] {
    this._rest += chunk;
    const lines = this._rest.split('\n');
    this._rest = lines.pop() ?? '';
    const events: ServerEvent[] = [];
    for (const line of lines) {
      this._line(line.endsWith('\r') ? line.slice(0, -1) : line, events);
    }
    return events;
  }

  private _line(line: string, events: ServerEvent[]): void {
    if (line === '') {
      if (this._data.length > 0) {
        const data = parsed(this._data.join('\n'));
        events.push({ event: this._event || 'message', data, id: this._id });
      }
      this._event = '';
      this._id = '';
      this._data = [];
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      return;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this._event = value;
    } else if (field === 'data') {
      this._data.push(value);
    } else if (field === 'id') {
      this._id = value;
    }
  }

  private _rest = '';
  private _event = '';
  private _id = '';
  private _data: string[] = [];
}

/** Give the events of a response as they come. */
export async function* readEvents(
  response: Response
): AsyncGenerator<ServerEvent, void, undefined> {
  const reader = response.body!.getReader();
  const text = new TextDecoder();
  const decoder = new EventDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      yield* decoder.push(text.decode(value, { stream: true }));
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
