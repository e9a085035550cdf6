import type { Finding } from '../api/types';
import { devicePath, Link } from '../app/route';
import { ago } from '../shared/format';
import { useNow } from '../shared/now';
import { Tag } from '../shared/Tag';
import type { Shown } from '../shared/tone';

/** What is wrong, in the server's order: the worst first. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const now = useNow();
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">What is wrong</h2>
      {findings.length === 0 && <p>Nothing is known to be wrong.</p>}
      <ul className="findings">
        {findings.map((finding) => (
          <li key={`${finding.kind} ${finding.device ?? ''} ${finding.subject ?? ''}`}>
            <p>
              <Tag shown={severity(finding.severity)} />{' '}
              {finding.device != null && <Link to={devicePath(finding.device)}>{finding.device}</Link>}
              {finding.subject != null && <> <strong>{finding.subject}</strong></>}: {finding.what}
            </p>
            <p className="quiet">
              {finding.since != null && <>Since {ago(finding.since, now)}. </>}
              {finding.observedAt != null && <>Seen {ago(finding.observedAt, now)}. </>}
              {finding.remedy != null && <>To do: {finding.remedy}</>}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function severity(value: Finding['severity']): Shown {
  switch (value) {
    case 'critical':
      return { word: 'Critical', tone: 'bad' };
    case 'warning':
      return { word: 'Warning', tone: 'warning' };
    case 'info':
      return { word: 'Note', tone: 'neutral' };
    default:
      return { word: 'Unknown', tone: 'unknown' };
  }
}
