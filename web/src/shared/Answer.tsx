import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { duration } from './format';
import { isStale, useNow } from './now';

interface AnswerProps<T> {
  readonly query: UseQueryResult<T>;
  /** What is asked for, in the plural: "devices". */
  readonly what: string;
  readonly children: (data: T, stale: boolean) => ReactNode;
}

/** What was answered; before that a word, and when no new answer comes, why and how old this one is. */
export function Answer<T>({ query, what, children }: AnswerProps<T>) {
  const now = useNow();
  if (query.data === undefined) {
    return query.isError ? <Failure error={query.error} what={what} /> : <p role="status" className="quiet">Asking for {what}…</p>;
  }
  const stale = isStale(query, now);
  return (
    <>
      {stale && (
        <p className="notice warning" role="status">
          Not up to date: {query.isError ? query.error.message : 'the server has not answered lately.'} This is as of {duration((now - query.dataUpdatedAt) / 1000)} ago.
        </p>
      )}
      {children(query.data, stale)}
    </>
  );
}

export function Failure({ error, what }: { readonly error: Error; readonly what: string }) {
  return (
    <div className="notice bad" role="alert">
      <p>
        <strong>The {what} could not be shown.</strong> {error.message}
      </p>
      {error instanceof ApiError && error.nextStep !== undefined && <p>{error.nextStep}</p>}
    </div>
  );
}
