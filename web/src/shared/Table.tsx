import type { ReactNode } from 'react';

interface TableProps {
  readonly label: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: string; readonly cells: readonly ReactNode[] }[];
}

/** A table that becomes a list of cards on a narrow screen; the roles keep it a table for screen readers then, too. */
export function Table({ label, columns, rows }: TableProps) {
  return (
    <table role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">{columns.map((column) => <th key={column} role="columnheader" scope="col">{column}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={row.key} role="row">
            {row.cells.map((cell, index) => (
              <td key={columns[index]} role="cell" data-label={columns[index]}><span>{cell}</span></td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
