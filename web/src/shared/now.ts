import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const TICK_MILLISECONDS = 1_000;
// Several polls long: one that is merely slow does not turn everything grey.
const STALE_MILLISECONDS = 20_000;

/** The time, anew every second, so that ages grow while nothing else changes. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MILLISECONDS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** True when what is shown is no longer what the server would say. */
export function isStale(query: Pick<UseQueryResult, 'isError' | 'dataUpdatedAt'>, now: number): boolean {
  return query.isError || now - query.dataUpdatedAt > STALE_MILLISECONDS;
}
