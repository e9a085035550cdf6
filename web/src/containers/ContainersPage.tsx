import { useContainers } from '../api/queries';
import { Answer } from '../shared/Answer';
import { ContainerList } from './ContainerList';

export function ContainersPage() {
  const containers = useContainers();
  return (
    <>
      <h1>Containers</h1>
      <Answer query={containers} what="containers">
        {(page, stale) => <ContainerList page={page} stale={stale} where="on any device" showDevice />}
      </Answer>
    </>
  );
}
