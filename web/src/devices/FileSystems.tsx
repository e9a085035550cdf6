import type { SystemMetrics } from '../api/types';
import { bytes } from '../shared/format';
import { Meter } from '../shared/Meter';
import { Table } from '../shared/Table';

interface FileSystemsProps {
  readonly fileSystems: NonNullable<SystemMetrics['fileSystems']>;
  readonly stale: boolean;
}

export function FileSystems({ fileSystems, stale }: FileSystemsProps) {
  return (
    <>
      <h3>File systems</h3>
      {fileSystems.length === 0 ? (
        <p>None are known.</p>
      ) : (
        <Table
          label="File systems"
          columns={['Mounted at', 'Used', 'Available', 'Size', 'Inodes used', 'Kind']}
          rows={fileSystems.map((one) => ({
            key: `${one.mountPoint} ${one.device}`,
            cells: [
              one.mountPoint,
              one.reason != null ? <>unknown: {one.reason}</> : <Meter label={`Used of ${one.mountPoint}`} value={one.usedPercent} stale={stale} />,
              bytes(one.availableBytes),
              bytes(one.sizeBytes),
              one.inodes == null ? 'no fixed number' : <Meter label={`Inodes used of ${one.mountPoint}`} value={one.inodesUsedPercent} stale={stale} />,
              `${one.type}${one.readOnly ? ', read-only' : ''}`,
            ],
          }))}
        />
      )}
    </>
  );
}
