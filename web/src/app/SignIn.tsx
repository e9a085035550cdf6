import { useId, useState, type FormEvent } from 'react';
import { ApiError, get } from '../api/client';

interface SignInProps {
  readonly why: string | undefined;
  readonly onKey: (key: string) => void;
}

/** Asks for an API key and tries it before it is taken. */
export function SignIn({ why, onKey }: SignInProps) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>();
  const field = useId();
  const message = useId();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const given = key.trim();
    setBusy(true);
    setError(undefined);
    try {
      await get('/api/devices?limit=1', given);
      onKey(given);
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      setBusy(false);
    }
  };

  return (
    <main className="sign-in">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h1>Fleetwright</h1>
      {why !== undefined && error === undefined && <p className="notice warning" role="status">{why}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor={field}>API key</label>
        <input
          id={field}
          type="password"
          autoComplete="off"
          autoFocus
          required
          value={key}
          onChange={(event) => setKey(event.target.value)}
          aria-invalid={error !== undefined}
          aria-describedby={message}
        />
        <div id={message} aria-live="polite">
          {error !== undefined && (
            <p className="notice bad">
              {sentence(error.message)} {error instanceof ApiError ? error.nextStep : 'See that it runs, and try again.'}
            </p>
          )}
        </div>
        <button type="submit" disabled={busy}>{busy ? 'Trying the key…' : 'Sign in'}</button>
      </form>
      <p className="quiet">
        The first key is in the file <code>admin.key</code> of the server&apos;s data folder; <code>fleetwright keys create</code> makes others. It is kept
        in this tab alone, until the tab is closed.
      </p>
      <p><a href="/docs">API reference</a></p>
    </main>
  );
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
