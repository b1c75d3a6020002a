export interface Layer {
  readonly room: string;
  readonly uses?: readonly string[];
  readonly beside?: readonly string[];
  readonly pure?: boolean;
}

export const layers: readonly Layer[];
export const pureModules: readonly string[];
export function allowedRooms(room: string): readonly string[];
export function reservedPackages(room: string): Readonly<Record<string, string>>;
