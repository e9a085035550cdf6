import { describe, expect, it } from 'vitest';
import { containerState } from './state';

type Seen = Parameters<typeof containerState>[0];
const seen = (part: Partial<Seen>): Seen => ({ state: 'running', source: 'live', ...part });

describe('containerState', () => {
  it.each<[Partial<Seen>, string, string]>([
    [{}, 'Running', 'ok'],
    [{ health: 'healthy' }, 'Running, healthy', 'ok'],
    [{ health: 'unhealthy' }, 'Running, unhealthy', 'bad'],
    [{ health: 'starting' }, 'Running, health not known yet', 'unknown'],
    [{ state: 'restarting' }, 'Restarting', 'bad'],
    [{ state: 'paused', health: 'healthy' }, 'Paused', 'warning'],
    [{ state: 'exited', exitCode: 0 }, 'Exited', 'neutral'],
    [{ state: 'exited', exitCode: 143 }, 'Exited', 'neutral'],
    [{ state: 'exited', exitCode: 1 }, 'Exited with 1', 'bad'],
    [{ state: 'exited', exitCode: 137, oomKilled: true }, 'Killed for memory', 'bad'],
    [{ state: 'exited' }, 'Exited', 'unknown'],
    [{ state: 'of a later engine' as Seen['state'] }, 'Unknown', 'unknown'],
  ])('%j is %s, %s', (part, word, tone) => expect(containerState(seen(part), false)).toEqual({ word, tone }));

  it('does not show as running what ran when it was last seen', () => {
    expect(containerState(seen({ source: 'cached', health: 'healthy' }), false)).toEqual({ word: 'Was running, healthy', tone: 'unknown' });
    expect(containerState(seen({}), true).tone).toBe('unknown');
  });

  it('keeps trouble that was seen earlier as trouble', () => expect(containerState(seen({ source: 'cached', state: 'dead' }), false).tone).toBe('bad'));
});
