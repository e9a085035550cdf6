import { useContainers, useDevice, useMetrics } from '../api/queries';
import type { SystemObservation } from '../api/types';
import { Link } from '../app/route';
import { ContainerList } from '../containers/ContainerList';
import { Answer } from '../shared/Answer';
import { ago } from '../shared/format';
import { useNow } from '../shared/now';
import { DeviceStatusLines } from './DeviceCard';
import { Metrics } from './Metrics';

export function DevicePage({ id }: { readonly id: string }) {
  const device = useDevice(id);
  const metrics = useMetrics(id);
  const containers = useContainers(id);
  return (
    <>
      <p><Link to="/">Overview</Link></p>
      <h1>{device.data?.device.name ?? id}</h1>
      <Answer query={device} what="device">
        {(info, stale) => <DeviceStatusLines device={info.device} stale={stale} />}
      </Answer>
      {/* A device that cannot be had, as one that was removed, has said so above. */}
      {!(device.isError && device.data === undefined) && (
        <>
          <section aria-labelledby="system">
            <h2 id="system">System</h2>
            <Answer query={metrics} what="metrics">
              {(observation, stale) => <Observed observation={observation} stale={stale} />}
            </Answer>
          </section>
          <section aria-labelledby="containers">
            <h2 id="containers">Containers</h2>
            <Answer query={containers} what="containers">
              {(page, stale) => <ContainerList page={page} stale={stale} where="on this device" />}
            </Answer>
          </section>
        </>
      )}
    </>
  );
}

/** Says first whether this is the present or the past, and why. */
function Observed({ observation, stale }: { readonly observation: SystemObservation; readonly stale: boolean }) {
  const now = useNow();
  const cached = observation.source !== 'live';
  return (
    <>
      {cached ? (
        <p className="notice warning">
          <strong>Cached: not the present.</strong>{' '}
          {observation.observedAt == null ? 'It never answered.' : `Last answered ${ago(observation.observedAt, now)}.`} {observation.cachedBecause}
        </p>
      ) : (
        <p className="quiet">Live, answered {ago(observation.observedAt, now)}</p>
      )}
      {observation.value == null ? (
        <p className="notice unknown">
          Not known: {observation.reason ?? 'the device has told nothing.'} {observation.remedy != null && <>To do: {observation.remedy}</>}
        </p>
      ) : (
        <Metrics metrics={observation.value} stale={stale || cached} />
      )}
    </>
  );
}
