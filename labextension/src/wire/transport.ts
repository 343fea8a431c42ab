/**
 * A request of the client. `lab/serverTransport.ts` sends it; tests have transports of their own.
 */
export interface Request {
  method: string;
  /** Path below `/assistants/v1`, with its query. */
  path: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends one request; rejects only if no response arrives. */
export type Transport = (request: Request) => Promise<Response>;
