import type { Shown } from './tone';

const SIGNS = { ok: '●', warning: '◆', bad: '▲', unknown: '?', neutral: '○' } as const;

/** A state as a word with a sign; the colour only repeats it. */
export function Tag({ shown }: { readonly shown: Shown }) {
  return (
    <span className={`tag ${shown.tone}`}>
      <span aria-hidden="true">{SIGNS[shown.tone]}</span> {shown.word}
    </span>
  );
}
