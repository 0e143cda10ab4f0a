import { Histogram, type HistogramData } from './histogram.ts'

/** The legs of a message's way that are timed, as histograms. */
export const LEGS = ['latency', 'ingest', 'wait', 'settle', 'hold'] as const
export type Leg = (typeof LEGS)[number]

/** Times are nanoseconds of the shared clock; 0 when it never happened. */
export interface TallyCounts {
  firstProduceSentNs: number
  lastProduceAcknowledgedNs: number
  /** Of the first ACQUIRE_NEXT that returned a message. */
  firstAcquireSentNs: number
  lastSettleAcknowledgedNs: number
  produced: number
  /** Messages with a first accepted SETTLE. */
  settled: number
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
}

/** What one load thread counts while it runs. Plain fields: nothing here costs more than an add. */
export class Tally implements TallyCounts {
  readonly latency = new Histogram()
  readonly ingest = new Histogram()
  readonly wait = new Histogram()
  readonly settle = new Histogram()
  readonly hold = new Histogram()
  firstProduceSentNs = 0
  lastProduceAcknowledgedNs = 0
  firstAcquireSentNs = 0
  lastSettleAcknowledgedNs = 0
  produced = 0
  settled = 0
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

  toData(): TallyData {
    const { latency, ingest, wait, settle, hold, ...counts } = this
    return {
      ...counts,
      legs: {
        latency: latency.toData(),
        ingest: ingest.toData(),
        wait: wait.toData(),
        settle: settle.toData(),
        hold: hold.toData(),
      },
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
  }
}

const FIRST_TIMES = ['firstProduceSentNs', 'firstAcquireSentNs'] as const
const HIGHEST = [
  'lastProduceAcknowledgedNs',
  'lastSettleAcknowledgedNs',
  'maxQueueDepth',
  'maxInFlight',
] as const
const SUMS = [
  'produced',
  'settled',
  'deliveries',
  'empties',
  'duplicated',
  'leaseOverlaps',
  'redelivered',
  'corrupted',
  'unexpected',
  'lateSettlesRefused',
] as const
