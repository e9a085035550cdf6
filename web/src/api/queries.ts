import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSession } from '../app/session';
import { ApiError, get } from './client';
import type { Containers, DeviceInfo, Devices, FleetOverview, SystemObservation } from './types';

const FLEET_MILLISECONDS = 5_000;
// What one device does now is looked at more closely; its facts change seldom.
const DEVICE_MILLISECONDS = 3_000;
const MAX_ITEMS = 1000;

export const useOverview = () => usePolled<FleetOverview>('/api/overview', FLEET_MILLISECONDS);

export const useDevices = () => usePolled<Devices>(`/api/devices?limit=${MAX_ITEMS}`, FLEET_MILLISECONDS);

export const useDevice = (id: string) => usePolled<DeviceInfo>(`/api/devices/${encodeURIComponent(id)}`, FLEET_MILLISECONDS);

export const useMetrics = (id: string) => usePolled<SystemObservation>(`/api/devices/${encodeURIComponent(id)}/metrics`, DEVICE_MILLISECONDS);

export const useContainers = (device?: string) =>
  usePolled<Containers>(
    `/api/containers?limit=${MAX_ITEMS}${device === undefined ? '' : `&device=${encodeURIComponent(device)}`}`,
    FLEET_MILLISECONDS,
  );

function usePolled<T>(path: string, milliseconds: number): UseQueryResult<T> {
  const { key, leave } = useSession();
  const query = useQuery({
    // The key is part of it: what one key may see is not shown to the next.
    queryKey: [key, path],
    queryFn: ({ signal }) => get<T>(path, key, signal),
    refetchInterval: milliseconds,
  });
  const refused = query.error instanceof ApiError && query.error.status === 401 ? query.error.message : undefined;
  useEffect(() => {
    if (refused !== undefined) leave(`You were signed out: ${refused}`);
  }, [refused, leave]);
  return query;
}
