import type { ContainerSummary } from '../api/types';
import type { Shown } from '../shared/tone';

type Seen = Pick<ContainerSummary, 'state' | 'health' | 'exitCode' | 'oomKilled' | 'source'>;

// The answer to a polite stop (SIGTERM); not a failure.
const STOPPED = 143;

/** A container's state in words; what was seen earlier (`source: cached`) is not shown as fine. */
export function containerState(container: Seen, stale: boolean): Shown {
  const now = stateNow(container);
  return (stale || container.source !== 'live') && now.tone === 'ok' ? { word: `Was ${now.word.toLowerCase()}`, tone: 'unknown' } : now;
}

function stateNow({ state, health, exitCode, oomKilled }: Seen): Shown {
  switch (state) {
    case 'running':
      return running(health);
    case 'paused':
      return { word: 'Paused', tone: 'warning' };
    case 'restarting':
      return { word: 'Restarting', tone: 'bad' };
    case 'dead':
      return { word: 'Dead', tone: 'bad' };
    case 'removing':
      return { word: 'Being removed', tone: 'neutral' };
    case 'created':
      return { word: 'Created, not started', tone: 'neutral' };
    case 'exited':
      if (oomKilled === true) return { word: 'Killed for memory', tone: 'bad' };
      if (typeof exitCode !== 'number') return { word: 'Exited', tone: 'unknown' };
      return exitCode === 0 || exitCode === STOPPED ? { word: 'Exited', tone: 'neutral' } : { word: `Exited with ${exitCode}`, tone: 'bad' };
    default:
      return { word: 'Unknown', tone: 'unknown' };
  }
}

function running(health: Seen['health']): Shown {
  switch (health) {
    case 'healthy':
      return { word: 'Running, healthy', tone: 'ok' };
    case 'unhealthy':
      return { word: 'Running, unhealthy', tone: 'bad' };
    case 'starting':
      return { word: 'Running, health not known yet', tone: 'unknown' };
    default:
      return { word: 'Running', tone: 'ok' };
  }
}
