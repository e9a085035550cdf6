// Short names for what `npm run types` makes of the server's description.
import type { components } from './schema';

type Schemas = components['schemas'];

export type ContainerSummary = Schemas['ContainerSummary'];
export type DeviceInfo = Schemas['DeviceInfo'];
export type DeviceSummary = Schemas['DeviceSummary'];
export type Finding = Schemas['Finding'];
export type FleetOverview = Schemas['FleetOverview'];
export type Containers = Schemas['PageOfContainerSummary'];
export type Devices = Schemas['PageOfDeviceSummary'];
export type Problem = Schemas['Problem'];
export type SystemMetrics = Schemas['SystemMetrics'];
export type SystemObservation = Schemas['ObservationOfSystemMetrics'];
export type UnknownHealth = Schemas['UnknownHealth'];
