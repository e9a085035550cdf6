import type { SystemMetrics } from '../api/types';
import { Tag } from '../shared/Tag';
import type { Shown } from '../shared/tone';
import { Table } from '../shared/Table';

type Temperature = NonNullable<SystemMetrics['temperatures']>[number];

interface TemperaturesProps {
  readonly temperatures: readonly Temperature[];
  readonly stale: boolean;
}

export function Temperatures({ temperatures, stale }: TemperaturesProps) {
  return (
    <>
      <h3>Temperatures</h3>
      {temperatures.length === 0 ? (
        <p>The device shows no sensors.</p>
      ) : (
        <Table
          label="Temperatures"
          columns={['Sensor', 'Temperature', 'Critical at']}
          rows={temperatures.map((one, index) => ({
            key: `${index} ${one.chip} ${one.label}`,
            cells: [`${one.chip} ${one.label}`, <Tag key="t" shown={heat(one, stale)} />, one.criticalCelsius == null ? 'not told' : `${one.criticalCelsius.toFixed(0)} °C`],
          }))}
        />
      )}
    </>
  );
}

/** Without a limit of the hardware's own, a number is only a number. */
function heat({ temperatureCelsius, criticalCelsius }: Temperature, stale: boolean): Shown {
  const word = `${temperatureCelsius.toFixed(0)} °C`;
  if (stale) return { word, tone: 'unknown' };
  if (criticalCelsius == null) return { word, tone: 'neutral' };
  const left = criticalCelsius - temperatureCelsius;
  return { word, tone: left <= 0 ? 'bad' : left <= 10 ? 'warning' : 'ok' };
}
