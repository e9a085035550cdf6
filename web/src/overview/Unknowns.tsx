import type { UnknownHealth } from '../api/types';
import { devicePath, Link } from '../app/route';

/** What could not be judged; it may be fine or not, so it is shown. */
export function Unknowns({ unknowns }: { readonly unknowns: readonly UnknownHealth[] }) {
  if (unknowns.length === 0) return null;
  return (
    <section aria-labelledby="unknowns">
      <h2 id="unknowns">What is not known</h2>
      <ul className="findings">
        {unknowns.map((unknown) => (
          <li key={`${unknown.device ?? ''} ${unknown.subject}`}>
            <p>
              {unknown.device != null && <Link to={devicePath(unknown.device)}>{unknown.device}</Link>} <strong>{unknown.subject}</strong>: {unknown.why}
            </p>
            {unknown.remedy != null && <p className="quiet">To do: {unknown.remedy}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
