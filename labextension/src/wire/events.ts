import { createParser } from 'eventsource-parser';

/** One server-sent event; data that is not JSON (`[DONE]`) stays text. */
export interface ServerEvent {
  event: string;
  data: unknown;
  /** The `Last-Event-ID` that resumes the stream behind this event; empty when it has none. */
  id: string;
}

/** Yield the events of a response as they arrive; one that is cut off is dropped. */
export async function* readEvents(
  response: Response
): AsyncGenerator<ServerEvent, void, undefined> {
  const complete: ServerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event = 'message', data, id = '' }) =>
      complete.push({ event, data: parseJson(data), id })
  });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      parser.feed(decoder.decode(value, { stream: true }));
      yield* complete.splice(0);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
