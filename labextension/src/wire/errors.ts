/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string | null = null,
    readonly param: string | null = null
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** Whether the object is not there (any more). */
  get isMissing(): boolean {
    return this.status === 404;
  }
}

/** No answer came: the server is away, or the connection is. */
export class ConnectionLost extends Error {
  constructor(readonly reason: unknown) {
    super('The Jupyter server does not answer.');
    this.name = 'ConnectionLost';
  }
}

/** Give the error of an answer that is not 2xx. */
export async function errorOf(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  try {
    const { error, message } = JSON.parse(text);
    return new ApiError(
      error?.message ?? message ?? response.statusText,
      response.status,
      error?.code ?? null,
      error?.param ?? null
    );
  } catch {
    const said = `The server answered ${response.status} ${response.statusText}.`;
    return new ApiError(said, response.status);
  }
}
