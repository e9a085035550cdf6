import { useDevices, useOverview } from '../api/queries';
import type { FleetOverview } from '../api/types';
import { DeviceCard } from '../devices/DeviceCard';
import { worstFirst } from '../devices/state';
import { Answer } from '../shared/Answer';
import { Tag } from '../shared/Tag';
import type { Shown } from '../shared/tone';
import { Findings } from './Findings';
import { Unknowns } from './Unknowns';

export function OverviewPage() {
  const overview = useOverview();
  const devices = useDevices();
  return (
    <>
      <h1>Overview</h1>
      <Answer query={overview} what="overview">
        {(data, stale) => (
          <>
            <p className="summary">
              <Tag shown={fleetState(data.status, stale)} /> {data.summary}
            </p>
            <Counts counts={data.counts} />
            <Findings findings={data.findings} />
            <Unknowns unknowns={data.unknowns} />
            {data.notes?.map((note) => <p key={note} className="quiet">{note}</p>)}
          </>
        )}
      </Answer>
      <section aria-labelledby="devices">
        <h2 id="devices">Devices</h2>
        <Answer query={devices} what="devices">
          {(page, stale) =>
            page.items.length === 0 ? (
              <p>There are no devices yet. Add one on the command line: <code>fleetwright devices add NAME USER@HOST</code></p>
            ) : (
              <>
                <ul className="cards">
                  {worstFirst(page.items, stale).map((device) => <DeviceCard key={device.id} device={device} stale={stale} />)}
                </ul>
                {page.total > page.items.length && <p>{page.total - page.items.length} more are not shown.</p>}
              </>
            )
          }
        </Answer>
      </section>
    </>
  );
}

function Counts({ counts }: { readonly counts: FleetOverview['counts'] }) {
  const kinds = Object.entries(counts).filter(([, states]) => Object.keys(states).length > 0);
  if (kinds.length === 0) return null;
  return (
    <ul className="counts" aria-label="How many there are">
      {kinds.map(([kind, states]) => (
        <li key={kind}>
          <strong>{kind}</strong> {Object.entries(states).map(([state, count]) => `${count} ${state}`).join(', ')}
        </li>
      ))}
    </ul>
  );
}

function fleetState(status: FleetOverview['status'], stale: boolean): Shown {
  switch (status) {
    case 'ok':
      return stale ? { word: 'Was fine', tone: 'unknown' } : { word: 'Fine', tone: 'ok' };
    case 'warning':
      return { word: 'Warning', tone: 'warning' };
    case 'critical':
      return { word: 'Critical', tone: 'bad' };
    default:
      return { word: 'Not all is known', tone: 'unknown' };
  }
}
