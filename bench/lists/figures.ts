/** The medians of a tool for one job. */
import { median } from '../median.ts';
import { runTrial, type Trial, type TrialOptions } from './trial.ts';

/** The two latencies of a slope, and the number of runs of each. */
export interface Distances {
  /** Milliseconds. */
  readonly near: number;
  readonly far: number;
  readonly runs: number;
}

/** Runs that take longer, in milliseconds, are not repeated, because a slow tool needs no median. */
const maxMeasuring = 15_000;

export interface Figures {
  readonly tool: string;
  /** Pairs of runs. */
  readonly runs: number;
  /** Requests, including those for tokens. */
  readonly requests: number;
  readonly tokenRequests: number;
  readonly connections: number;
  /** The minimum of the runs at the far latency, because a busy machine only adds round trips. */
  readonly depth: number;
  /**
   * (wall at far − wall at near) ÷ (far − near), of the fastest run at each: the time that latency adds, without
   * start-up and computation. Other work on the machine affects the fastest runs least.
   */
  readonly roundTrips: number;
  /** Milliseconds at the near distance. */
  readonly wall: number;
  /** Milliseconds of processor time at the near distance. */
  readonly processor: number;
  /** Bytes, the median of the peaks. */
  readonly memory: number;
}

/** Runs the tool at both latencies in turns, so that a slow period of the machine affects both. */
export async function measureFigures(
  options: Omit<TrialOptions, 'roundTrip'>,
  { near, far, runs }: Distances,
): Promise<Figures> {
  const trial = (roundTrip: number): Promise<Trial> => runTrial({ ...options, roundTrip });
  await trial(0);
  const pairs: (readonly [near: Trial, far: Trial])[] = [];
  const start = performance.now();
  do pairs.push([await trial(near), await trial(far)]);
  while (pairs.length < runs && performance.now() - start < maxMeasuring);
  const middle = (figure: (trial: Trial) => number): number => median(pairs.map(([first]) => figure(first)));
  return {
    tool: options.tool.name,
    runs: pairs.length,
    requests: middle(({ requests }) => requests.length),
    tokenRequests: middle(({ requests }) => requests.filter(isForToken).length),
    connections: middle(({ connections }) => connections),
    depth: Math.min(...pairs.map(([, { depth }]) => depth)),
    roundTrips:
      (fastest(pairs.map(([, second]) => second)) - fastest(pairs.map(([first]) => first))) / (far - near),
    wall: middle(({ wall }) => wall),
    processor: middle(({ processor }) => processor),
    memory: middle(({ memory }) => memory),
  };
}

function fastest(trials: readonly Trial[]): number {
  return Math.min(...trials.map(({ wall }) => wall));
}

function isForToken(request: string): boolean {
  return / \/token(\?|$)/.test(request);
}
