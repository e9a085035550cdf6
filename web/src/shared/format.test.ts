import { describe, expect, it } from 'vitest';
import { ago, bytes, duration, percent, rate } from './format';

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [5.5 * 1024 ** 3, '5.5 GiB'],
    [3 * 1024 ** 6, '3072.0 PiB'],
  ])('%d is %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each([undefined, null, Number.NaN, Number.POSITIVE_INFINITY])('%s is unknown, not zero', (value) => {
    expect(bytes(value)).toBe('unknown');
    expect(percent(value)).toBe('unknown');
    expect(duration(value)).toBe('unknown');
    expect(rate(value)).toBe('unknown');
  });
});

describe('percent', () => {
  it.each([
    [0, '0.0 %'],
    [9.94, '9.9 %'],
    [42.6, '43 %'],
    [100, '100 %'],
  ])('%d is %s', (value, text) => expect(percent(value)).toBe(text));
});

describe('duration', () => {
  it.each([
    [0.4, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3660, '1 h 1 min'],
    [86400 * 3 + 3600 * 4, '3 d 4 h'],
    [-5, '0 s'],
  ])('%d seconds are %s', (value, text) => expect(duration(value)).toBe(text));
});

describe('ago', () => {
  const now = Date.parse('2026-07-01T12:00:00Z');
  it.each([
    ['2026-07-01T11:59:59.5Z', 'just now'],
    ['2026-07-01T12:00:03Z', 'just now'],
    ['2026-07-01T11:59:15Z', '45 s ago'],
    ['2026-06-30T12:00:00Z', '1 d 0 h ago'],
  ])('%s is %s', (time, text) => expect(ago(time, now)).toBe(text));

  it.each([undefined, null, '', 'yesterday'])('%s is never', (time) => expect(ago(time, now)).toBe('never'));
});
