import { expect, it } from 'vitest';
import { fullness } from './tone';

it.each([
  [0, 'ok'],
  [84.9, 'ok'],
  [85, 'warning'],
  [95, 'bad'],
  [undefined, 'unknown'],
  [null, 'unknown'],
  [Number.NaN, 'unknown'],
])('%s is %s', (percent, tone) => expect(fullness(percent)).toBe(tone));

it('is unknown for what was seen earlier', () => expect(fullness(10, true)).toBe('unknown'));
