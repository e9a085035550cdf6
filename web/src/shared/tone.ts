/** How something is doing; never by colour alone, so each has a sign, too. */
export type Tone = 'ok' | 'warning' | 'bad' | 'unknown' | 'neutral';

export interface Shown {
  readonly word: string;
  readonly tone: Tone;
}

/** For values in percent of what must not run full. Unknown is not fine. */
export function fullness(percent: number | null | undefined, stale = false): Tone {
  if (stale || typeof percent !== 'number' || !Number.isFinite(percent)) return 'unknown';
  if (percent >= 95) return 'bad';
  return percent >= 85 ? 'warning' : 'ok';
}
