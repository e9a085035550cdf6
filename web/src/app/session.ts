import { createContext, useContext } from 'react';

const NAME = 'fleetwright.key';

/** Who asks: the API key of this tab, and how to leave. */
export interface Session {
  readonly key: string;
  readonly leave: (why?: string) => void;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('Only a page behind the sign-in asks the server.');
  return session;
}

// Session storage ends with the tab and is not shared with others; a browser that forbids it asks again after a reload.
export function rememberedKey(): string | null {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}

export function rememberKey(key: string | null): void {
  try {
    if (key === null) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // Not remembered, then.
  }
}
