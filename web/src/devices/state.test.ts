import { describe, expect, it } from 'vitest';
import type { DeviceSummary } from '../api/types';
import { deviceState, worstFirst } from './state';

const device = (name: string, status: DeviceSummary['status'], paused = false): DeviceSummary => ({ id: name, name, address: 'x', status, paused, tags: [] });

describe('deviceState', () => {
  it('is green for a device that is online now, and for nothing else', () => {
    expect(deviceState(device('a', 'online'), false)).toEqual({ word: 'Online', tone: 'ok' });
    for (const status of ['offline', 'unreachable', 'unknown', 'a status of a later version'] as DeviceSummary['status'][]) {
      expect(deviceState(device('a', status), false).tone).not.toBe('ok');
    }
  });

  it('does not show as online what was online when the server last answered', () =>
    expect(deviceState(device('a', 'online'), true)).toEqual({ word: 'Was online', tone: 'unknown' }));

  it('shows a paused device as paused, whatever it was', () =>
    expect(deviceState(device('a', 'online', true), false)).toEqual({ word: 'Paused', tone: 'neutral' }));

  it('does not take unknown for trouble or for health', () => expect(deviceState(device('a', 'unknown'), false).tone).toBe('unknown'));
});

describe('worstFirst', () => {
  it('puts what needs a person on top and leaves the list as it was', () => {
    const list = [device('a', 'online'), device('c', 'unknown'), device('b', 'online', true), device('e', 'offline'), device('d', 'unreachable')];
    expect(worstFirst(list, false).map((one) => one.name)).toEqual(['d', 'e', 'c', 'b', 'a']);
    expect(list[0]?.name).toBe('a');
  });
});
