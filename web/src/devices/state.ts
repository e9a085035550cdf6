import type { DeviceSummary } from '../api/types';
import type { Shown } from '../shared/tone';

/** A device's state in a word. With `stale` the server itself has not answered lately: what was online then may not be now. */
export function deviceState(device: Pick<DeviceSummary, 'status' | 'paused'>, stale: boolean): Shown {
  if (device.paused === true) return { word: 'Paused', tone: 'neutral' };
  switch (device.status) {
    case 'online':
      return stale ? { word: 'Was online', tone: 'unknown' } : { word: 'Online', tone: 'ok' };
    case 'offline':
      return { word: 'Offline', tone: 'bad' };
    case 'unreachable':
      return { word: 'Unreachable', tone: 'bad' };
    default:
      return { word: 'Unknown', tone: 'unknown' };
  }
}

const ORDER = ['bad', 'warning', 'unknown', 'neutral', 'ok'];

/** Those that need a person first, then by name. */
export function worstFirst(devices: readonly DeviceSummary[], stale: boolean): DeviceSummary[] {
  const rank = (device: DeviceSummary) => ORDER.indexOf(deviceState(device, stale).tone);
  return devices.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
