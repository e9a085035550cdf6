import type { DeviceSummary } from '../api/types';
import { devicePath, Link } from '../app/route';
import { ago } from '../shared/format';
import { useNow } from '../shared/now';
import { Tag } from '../shared/Tag';
import { deviceState } from './state';

interface DeviceProps {
  readonly device: DeviceSummary;
  readonly stale: boolean;
}

export function DeviceCard({ device, stale }: DeviceProps) {
  return (
    <li className="card">
      <h3><Link to={devicePath(device.id)}>{device.name}</Link></h3>
      <DeviceStatusLines device={device} stale={stale} />
    </li>
  );
}

/** State, kind and age of one device, and why it is not online. */
export function DeviceStatusLines({ device, stale }: DeviceProps) {
  const now = useNow();
  return (
    <>
      <p><Tag shown={deviceState(device, stale)} /></p>
      <p>{[device.os ?? 'System not known yet', device.type ?? undefined].filter((part) => part !== undefined).join(' · ')}</p>
      <p className="quiet">{device.address} · last seen {ago(device.lastSeenAt, now)}</p>
      {device.reason != null && <p className="why">{device.reason}</p>}
      {device.nextStep != null && <p className="quiet">To do: {device.nextStep}</p>}
      {(device.tags ?? []).length > 0 && <p className="quiet">Tags: {device.tags?.join(', ')}</p>}
    </>
  );
}
