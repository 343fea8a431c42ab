/** An error response of the server. */
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

  /** Whether the object does not exist. */
  get isMissing(): boolean {
    return this.status === 404;
  }
}

/** No response arrived from the server. */
export class ConnectionLost extends Error {
  constructor(readonly reason: unknown) {
    super('The Jupyter server does not answer.');
    this.name = 'ConnectionLost';
  }
}

/** Return the error of a response that is not 2xx. */
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
