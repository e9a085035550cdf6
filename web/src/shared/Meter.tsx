import { percent } from './format';
import { fullness } from './tone';

interface MeterProps {
  readonly label: string;
  readonly value: number | null | undefined;
  readonly stale: boolean;
  /** For what may well be at its limit: a processor at work is no trouble. */
  readonly mayBeFull?: boolean;
}

/** A share as a bar and a number; an unknown one has no bar. */
export function Meter({ label, value, stale, mayBeFull = false }: MeterProps) {
  const known = typeof value === 'number' && Number.isFinite(value);
  const tone = fullness(value, stale);
  const filled = known ? Math.min(100, Math.max(0, value)) : 0;
  return (
    <span className={`meter ${mayBeFull && tone !== 'unknown' ? 'neutral' : tone}`}>
      {known && (
        <span className="bar" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={filled} aria-valuetext={percent(value)}>
          <span style={{ width: `${filled}%` }} />
        </span>
      )}
      <span className="number">{percent(value)}</span>
    </span>
  );
}
