/**
 * What the client needs of HTTP. The panel's own is in `lab/serverTransport.ts`; tests have others.
 */
export interface Request {
  method: string;
  /** Path below `/assistants/v1`, with its query. */
  path: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends one request; rejects only when no answer came. */
export type Transport = (request: Request) => Promise<Response>;
