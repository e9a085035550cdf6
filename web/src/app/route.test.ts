import { describe, expect, it } from 'vitest';
import { devicePath, parseRoute } from './route';

describe('parseRoute', () => {
  it.each([
    ['/', { page: 'overview' }],
    ['/containers', { page: 'containers' }],
    ['/devices/nas-1', { page: 'device', id: 'nas-1' }],
    ['/devices/nas-1/', { page: 'device', id: 'nas-1' }],
    ['/devices', { page: 'missing' }],
    ['/devices/a/b', { page: 'missing' }],
    ['/devices/%E0%A4%A', { page: 'missing' }],
    ['/elsewhere', { page: 'missing' }],
  ])('%s', (path, route) => expect(parseRoute(path)).toEqual(route));

  it('reads back what devicePath wrote', () => expect(parseRoute(devicePath('a/b?c#d é'))).toEqual({ page: 'device', id: 'a/b?c#d é' }));
});
