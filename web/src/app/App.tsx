import { useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { ContainersPage } from '../containers/ContainersPage';
import { DevicePage } from '../devices/DevicePage';
import { OverviewPage } from '../overview/OverviewPage';
import { Link, useRoute, type Route } from './route';
import { rememberedKey, rememberKey, SessionContext } from './session';
import { SignIn } from './SignIn';

/** The frame: signed in or not, the way around, and the page that the address names. */
export function App() {
  const [key, setKey] = useState(rememberedKey);
  const [why, setWhy] = useState<string | undefined>();
  const route = useRoute();
  const queries = useQueryClient();

  const session = useMemo(
    () =>
      key === null ? null : {
        key,
        leave: (reason?: string) => {
          rememberKey(null);
          queries.clear();
          setWhy(reason);
          setKey(null);
        },
      },
    [key, queries],
  );

  if (session === null) {
    return (
      <SignIn
        why={why}
        onKey={(given) => {
          rememberKey(given);
          setKey(given);
        }}
      />
    );
  }

  return (
    <SessionContext value={session}>
      <a className="skip" href="#content">Skip to the content</a>
      <header className="top">
        <Link to="/" className="brand">
          <img src="/icon.svg" alt="" width="28" height="28" /> Fleetwright
        </Link>
        <nav aria-label="Pages">
          <Link to="/" aria-current={route.page === 'overview' ? 'page' : undefined}>Overview</Link>
          <Link to="/containers" aria-current={route.page === 'containers' ? 'page' : undefined}>Containers</Link>
          <a href="/docs">API</a>
        </nav>
        <button type="button" onClick={() => session.leave()}>Sign out</button>
      </header>
      <main id="content" tabIndex={-1}>
        <Page route={route} />
      </main>
    </SessionContext>
  );
}

function Page({ route }: { readonly route: Route }) {
  switch (route.page) {
    case 'overview':
      return <OverviewPage />;
    case 'containers':
      return <ContainersPage />;
    case 'device':
      return <DevicePage key={route.id} id={route.id} />;
    default:
      return (
        <>
          <h1>There is no such page</h1>
          <p><Link to="/">To the overview</Link></p>
        </>
      );
  }
}
