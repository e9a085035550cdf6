import type { Problem } from './types';

/** The server refused or failed; says why and what to do next. */
export class ApiError extends Error {
  readonly status: number;
  readonly nextStep: string | undefined;

  constructor(status: number, detail: string, nextStep?: string) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.nextStep = nextStep;
  }
}

/** No answer came at all, or not one of Fleetwright's. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

const LIMIT_MILLISECONDS = 30_000;

export async function get<T>(path: string, key: string, signal?: AbortSignal): Promise<T> {
  // Nothing else can travel in a header, and the browser's own error would not say so.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new ApiError(401, 'This is not an API key: keys have no spaces or special characters.');
  const limit = AbortSignal.timeout(LIMIT_MILLISECONDS);
  let response: Response;
  try {
    response = await fetch(path, {
      headers: { Authorization: `Bearer ${key}`, Accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new NoAnswerError('The Fleetwright server does not answer.', { cause: error });
  }

  if (!response.ok) throw await refusal(response);
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new NoAnswerError('What came back is no answer of Fleetwright.', { cause: error });
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiError(response.status, problem.detail ?? `The server answered ${response.status}.`, problem.nextStep);
}
