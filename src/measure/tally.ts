import { Histogram, type HistogramData } from './histogram.ts'
import { mergeTimelines, type Timeline } from './timeline.ts'
import { type TimelineData, TimelineRecorder } from './timeline-recorder.ts'

/** The legs of a message's way that are timed, as histograms. */
export const LEGS = ['latency', 'ingest', 'wait', 'settle', 'hold', 'lag'] as const
export type Leg = (typeof LEGS)[number]

/** Times are nanoseconds of the shared clock; 0 when it never happened. */
export interface TallyCounts {
  /** Start of the measured part. */
  startNs: number
  /**
   * Messages that were due earlier are left out of the histograms, of `produced`, `settled` and the
   * sums: whoever counts sees to it.
   */
  recordFromNs: number
  firstProduceSentNs: number
  lastProduceSentNs: number
  lastProduceAcknowledgedNs: number
  /** Of the first ACQUIRE_NEXT that returned a message. */
  firstAcquireSentNs: number
  lastSettleAcknowledgedNs: number
  produced: number
  /** Messages with a first accepted SETTLE. */
  settled: number
  /** Due messages that were dropped, since they could not be sent within the run. */
  unsent: number
  /** Over produced messages: when each was due (open loop) or sent (closed loop), from `startNs` on. */
  sentSumNs: number
  /** Over settled messages: when each was settled, from `startNs` on. */
  settledSumNs: number
  /** How long settled messages lay in the queue while the consumer that took them slept. */
  idleWaitNs: number
  deliveries: number
  empties: number
  duplicated: number
  leaseOverlaps: number
  redelivered: number
  corrupted: number
  unexpected: number
  /** Refused SETTLEs of leases that had run out or of odd deliveries. */
  lateSettlesRefused: number
  maxQueueDepth: number
  maxInFlight: number
}

export interface TallyData extends Readonly<TallyCounts> {
  readonly legs: Readonly<Record<Leg, HistogramData>>
  /** One of each thread. */
  readonly timelines: readonly TimelineData[]
}

/**
 * What one load thread counts while it runs, and what becomes of several such counts. Plain fields:
 * nothing here costs more than an add.
 */
export class Tally implements TallyCounts {
  readonly latency = new Histogram()
  readonly ingest = new Histogram()
  readonly wait = new Histogram()
  readonly settle = new Histogram()
  readonly hold = new Histogram()
  readonly lag = new Histogram()
  /** Of this thread alone. */
  readonly timeline: TimelineRecorder
  /** Of the threads that were merged. */
  readonly #merged: TimelineData[] = []
  startNs: number
  recordFromNs = 0
  firstProduceSentNs = 0
  lastProduceSentNs = 0
  lastProduceAcknowledgedNs = 0
  firstAcquireSentNs = 0
  lastSettleAcknowledgedNs = 0
  produced = 0
  settled = 0
  unsent = 0
  sentSumNs = 0
  settledSumNs = 0
  idleWaitNs = 0
  deliveries = 0
  empties = 0
  duplicated = 0
  leaseOverlaps = 0
  redelivered = 0
  corrupted = 0
  unexpected = 0
  lateSettlesRefused = 0
  maxQueueDepth = 0
  maxInFlight = 0

  constructor(startNs = 0) {
    this.startNs = startNs
    this.timeline = new TimelineRecorder(startNs)
  }

  /** For a start that was not known before: the timeline starts anew, all else is kept. */
  startAt(startNs: number): void {
    this.sentSumNs -= this.produced * (startNs - this.startNs)
    this.settledSumNs -= this.settled * (startNs - this.startNs)
    this.startNs = startNs
    this.timeline.startAt(startNs)
  }

  /** Of all threads that were merged, and of this one. */
  toTimeline(): Timeline {
    return mergeTimelines(this.#timelines())
  }

  toData(): TallyData {
    const { latency, ingest, wait, settle, hold, lag, timeline, ...counts } = this
    return {
      ...counts,
      legs: {
        latency: latency.toData(),
        ingest: ingest.toData(),
        wait: wait.toData(),
        settle: settle.toData(),
        hold: hold.toData(),
        lag: lag.toData(),
      },
      timelines: this.#timelines(),
    }
  }

  /** Adds what another thread counted: sums, first and last times, highest marks. */
  merge(data: TallyData): void {
    for (const leg of LEGS) this[leg].merge(data.legs[leg])
    for (const name of FIRST_TIMES) {
      if (data[name] > 0 && (this[name] === 0 || data[name] < this[name])) this[name] = data[name]
    }
    for (const name of HIGHEST) this[name] = Math.max(this[name], data[name])
    for (const name of SUMS) this[name] += data[name]
    this.#merged.push(...data.timelines)
  }

  #timelines(): readonly TimelineData[] {
    return [...this.#merged, this.timeline.toData()]
  }
}

const FIRST_TIMES = ['startNs', 'firstProduceSentNs', 'firstAcquireSentNs'] as const
const HIGHEST = [
  'recordFromNs',
  'lastProduceSentNs',
  'lastProduceAcknowledgedNs',
  'lastSettleAcknowledgedNs',
  'maxQueueDepth',
  'maxInFlight',
] as const
const SUMS = [
  'produced',
  'settled',
  'unsent',
  'sentSumNs',
  'settledSumNs',
  'idleWaitNs',
  'deliveries',
  'empties',
  'duplicated',
  'leaseOverlaps',
  'redelivered',
  'corrupted',
  'unexpected',
  'lateSettlesRefused',
] as const
