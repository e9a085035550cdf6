// Numbers and times as people read them. What is not there is said to be unknown, never shown as zero.
export const UNKNOWN = 'unknown';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

type Maybe = number | null | undefined;

export function bytes(value: Maybe): string {
  if (!isNumber(value)) return UNKNOWN;
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1023.95 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? size.toFixed(0) : size.toFixed(1)} ${UNITS[unit]}`;
}

export function rate(value: Maybe): string {
  return isNumber(value) ? `${bytes(value)}/s` : UNKNOWN;
}

export function percent(value: Maybe): string {
  return isNumber(value) ? `${value.toFixed(value < 10 ? 1 : 0)} %` : UNKNOWN;
}

export function duration(seconds: Maybe): string {
  if (!isNumber(seconds)) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min`;
  return `${whole} s`;
}

/** How long ago; `null` and what is no time are "never". A clock that is a little ahead reads as "just now". */
export function ago(time: string | null | undefined, now: number): string {
  const at = time ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return 'never';
  const seconds = (now - at) / 1000;
  return seconds < 2 ? 'just now' : `${duration(seconds)} ago`;
}

function isNumber(value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
