import type { Containers, ContainerSummary } from '../api/types';
import { devicePath, Link } from '../app/route';
import { ago, bytes, percent } from '../shared/format';
import { useNow } from '../shared/now';
import { Table } from '../shared/Table';
import { Tag } from '../shared/Tag';
import { containerState } from './state';

interface ContainerListProps {
  readonly page: Containers;
  readonly stale: boolean;
  /** Ends the sentence when there are none. */
  readonly where: string;
  readonly showDevice?: boolean;
}

export function ContainerList({ page, stale, where, showDevice = false }: ContainerListProps) {
  const now = useNow();
  const columns = ['Container', ...(showDevice ? ['Device'] : []), 'State', 'Restarts', 'Processor', 'Memory', 'Image'];
  const cells = (one: ContainerSummary) => [
    <strong key="name">{one.name}</strong>,
    ...(showDevice ? [<Link key="device" to={devicePath(one.device)}>{one.device}</Link>] : []),
    <span key="state">
      <Tag shown={containerState(one, stale)} />
      <span className="quiet"> {one.status}{one.source !== 'live' && ` (cached, seen ${ago(one.observedAt, now)})`}</span>
    </span>,
    // The server leaves out a zero and what it does not know.
    one.restartCount == null ? 'unknown' : String(one.restartCount),
    usage(one, percent(one.cpuPercent)),
    usage(one, one.memoryLimitBytes == null ? bytes(one.memoryBytes) : `${bytes(one.memoryBytes)} of ${bytes(one.memoryLimitBytes)}`),
    one.image ?? 'unknown',
  ];
  return (
    <>
      {(page.notes ?? []).map((note) => <p key={note} className="notice unknown">{note}</p>)}
      {page.items.length === 0 ? (
        <p>No containers are known {where}.</p>
      ) : (
        <Table label="Containers" columns={columns} rows={page.items.map((one) => ({ key: `${one.device} ${one.id}`, cells: cells(one) }))} />
      )}
      {page.total > page.items.length && <p>{page.total - page.items.length} more are not shown.</p>}
    </>
  );
}

const usage = (one: ContainerSummary, text: string) => (one.state === 'running' || one.state === 'paused' ? text : 'not running');
