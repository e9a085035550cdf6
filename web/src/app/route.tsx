import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';

export type Route = { page: 'overview' } | { page: 'containers' } | { page: 'device'; id: string } | { page: 'missing' };

const MOVED = 'fleetwright:moved';

export function parseRoute(path: string): Route {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (first === undefined) return { page: 'overview' };
  if (first === 'containers' && parts.length === 1) return { page: 'containers' };
  if (first === 'devices' && second !== undefined && parts.length === 2) {
    try {
      return { page: 'device', id: decodeURIComponent(second) };
    } catch {
      return { page: 'missing' };
    }
  }
  return { page: 'missing' };
}

export const devicePath = (id: string) => `/devices/${encodeURIComponent(id)}`;

export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return parseRoute(path);
}

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: string;
}

/** A link inside the dashboard: a real one, which only saves the reload. */
export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState(null, '', to);
    dispatchEvent(new Event(MOVED));
    scrollTo(0, 0);
  };
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}

function subscribe(changed: () => void): () => void {
  addEventListener('popstate', changed);
  addEventListener(MOVED, changed);
  return () => {
    removeEventListener('popstate', changed);
    removeEventListener(MOVED, changed);
  };
}
