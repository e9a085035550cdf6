import type { SystemMetrics } from '../api/types';
import { bytes, duration, percent, rate } from '../shared/format';
import { Meter } from '../shared/Meter';
import { FileSystems } from './FileSystems';
import { Temperatures } from './Temperatures';

interface MetricsProps {
  readonly metrics: SystemMetrics;
  /** True when these are of an earlier time. */
  readonly stale: boolean;
}

export function Metrics({ metrics, stale }: MetricsProps) {
  const { cpu, memory, swap, load } = metrics;
  return (
    <>
      <dl className="figures">
        <div>
          <dt>Processor</dt>
          <dd><Meter label="Processor" value={cpu.usedPercent} stale={stale} mayBeFull /></dd>
          <dd className="quiet">
            {cpu.logicalCount != null && <>{cpu.logicalCount} logical · </>}waiting for disks {percent(cpu.iowaitPercent)} · stolen {percent(cpu.stealPercent)}
            {cpu.reason != null && <> · {cpu.reason}</>}
          </dd>
        </div>
        <div>
          <dt>Memory</dt>
          <dd><Meter label="Memory" value={memory?.usedPercent} stale={stale} /></dd>
          <dd className="quiet">{bytes(memory?.availableBytes)} available of {bytes(memory?.totalBytes)}</dd>
        </div>
        {swap != null && (
          <div>
            <dt>Swap</dt>
            <dd><Meter label="Swap" value={swap.usedPercent} stale={stale} /></dd>
            <dd className="quiet">{bytes(swap.usedBytes)} of {bytes(swap.totalBytes)}</dd>
          </div>
        )}
        <div>
          <dt>Load</dt>
          <dd>{load == null ? 'unknown' : [load.oneMinute, load.fiveMinutes, load.fifteenMinutes].map((value) => value.toFixed(2)).join(' · ')}</dd>
          <dd className="quiet">1, 5 and 15 minutes</dd>
        </div>
        <div>
          <dt>Uptime</dt>
          <dd>{duration(metrics.uptimeSeconds)}</dd>
          {metrics.scope.kind === 'container' && <dd className="quiet">{metrics.scope.explanation ?? 'These are the numbers of a container.'}</dd>}
        </div>
        {(metrics.networkInterfaces ?? []).map((network) => (
          <div key={`network ${network.name}`}>
            <dt>Network {network.name}</dt>
            <dd>in {rate(network.receiveBytesPerSecond)}</dd>
            <dd>out {rate(network.transmitBytesPerSecond)}</dd>
          </div>
        ))}
      </dl>
      <FileSystems fileSystems={metrics.fileSystems ?? []} stale={stale} />
      <Temperatures temperatures={metrics.temperatures ?? []} stale={stale} />
      {metrics.notes?.map((note) => <p key={note} className="quiet">{note}</p>)}
    </>
  );
}
