import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mergeTimelines } from './timeline.ts'
import { SLICES_MAX, type TimelineData, TimelineRecorder } from './timeline-recorder.ts'

const MS = 1e6
const START_NS = 1000e9

describe('mergeTimelines()', () => {
  test('divides counts by the length of a slice, and in the last one by what the run covered', () => {
    const producing = new TimelineRecorder(START_NS)
    producing.at(START_NS + 2 * MS)
    producing.produced(40, 40)
    const consuming = new TimelineRecorder(START_NS)
    consuming.at(START_NS + 4 * MS)
    consuming.delivered(1)
    consuming.settled(10)
    consuming.at(START_NS + 15 * MS)
    consuming.settled(30)

    expect(timelineOf(producing, consuming)).toMatchObject({
      sliceMs: 10,
      slices: [
        { startMs: 0, producerThroughput: 4000, consumerThroughput: 1000 },
        { startMs: 10, producerThroughput: 0, consumerThroughput: 6000 },
      ],
    })
  })

  test('does not call it a rate when the run ends with the beginning of a slice', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS + 20 * MS)
    recorder.settled(5)

    // A tenth of a slice, 1 ms, instead of nothing.
    expect(timelineOf(recorder).slices.at(-1)).toMatchObject({
      startMs: 20,
      consumerThroughput: 5000,
    })
  })

  test('has the depths of a slice without events, from the balance', () => {
    const producing = new TimelineRecorder(START_NS)
    producing.at(START_NS + 1 * MS)
    producing.produced(10, 12)
    const consuming = new TimelineRecorder(START_NS)
    consuming.at(START_NS + 2 * MS)
    consuming.delivered(6)
    consuming.inFlightPeak(8)
    consuming.settled(2, 3)
    consuming.at(START_NS + 35 * MS)
    consuming.settled(8, 3)

    const { slices } = timelineOf(producing, consuming)
    expect(slices.map(slice => slice.queueDepth)).toEqual([12, 8, 8, 8])
    expect(slices.map(slice => slice.inFlight)).toEqual([8, 3, 3, 3])
  })

  test('never shows less than nothing where a SETTLE was read before the acknowledgement', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS)
    recorder.settled(3)
    recorder.at(START_NS + 10 * MS)
    recorder.produced(3, 0)

    expect(timelineOf(recorder).slices).toMatchObject([
      { queueDepth: 0, inFlight: 0 },
      { queueDepth: 0, inFlight: 0 },
    ])
  })

  test('opens with the backlog that was there before the start', () => {
    const producing = new TimelineRecorder()
    producing.at(5 * MS)
    producing.produced(100, 100)
    producing.startAt(START_NS)
    const consuming = new TimelineRecorder()
    consuming.startAt(START_NS)
    consuming.at(START_NS + 15 * MS)
    consuming.settled(60)

    const { slices } = timelineOf(producing, consuming)
    expect(slices.map(slice => slice.queueDepth)).toEqual([100, 100])
    expect(slices.map(slice => slice.producerThroughput)).toEqual([0, 0])
  })

  test('has latencies within 1/32, and none where nothing was settled', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS)
    recorder.produced(1, 1)
    recorder.at(START_NS + 10 * MS)
    for (let ms = 1; ms <= 100; ms += 1) recorder.latency(ms * MS)

    const [first, second] = timelineOf(recorder).slices
    expect(first).not.toHaveProperty('latencyMs')
    expect.assert(second?.latencyMs !== undefined)
    const { p50, p95, p99, max } = second.latencyMs
    for (const [found, exact] of [
      [p50, 50],
      [p95, 95],
      [p99, 99],
    ] as const) {
      expect(found).toBeGreaterThanOrEqual(exact)
      expect(found).toBeLessThanOrEqual(exact * (1 + 1 / 32))
    }
    expect(max).toBe(100)
  })

  test('coarsens a finer recorder to the width of the coarsest', () => {
    const short = new TimelineRecorder(START_NS)
    for (const atMs of [5, 15, 25]) {
      short.at(START_NS + atMs * MS)
      short.produced(1, atMs)
    }
    const long = new TimelineRecorder(START_NS)
    long.at(START_NS + SLICES_MAX * 10 * MS + 10 * MS)
    long.settled(3)

    const { sliceMs, slices } = timelineOf(short, long)
    expect(sliceMs).toBe(20)
    expect(slices).toHaveLength(SLICES_MAX / 2 + 1)
    expect(slices.slice(0, 3)).toMatchObject([
      { producerThroughput: 100, queueDepth: 15 },
      { producerThroughput: 50, queueDepth: 25 },
      { producerThroughput: 0, queueDepth: 3 },
    ])
  })

  test('is empty of nothing, and does not mind threads that recorded nothing', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS)
    recorder.produced(1, 1)

    expect(mergeTimelines([])).toEqual({ sliceMs: 10, slices: [] })
    expect(timelineOf(new TimelineRecorder(), recorder)).toEqual(timelineOf(recorder))
  })

  test('refuses timelines that start at different times', () => {
    const [one, other] = [1, 2].map(startNs => {
      const recorder = new TimelineRecorder(startNs)
      recorder.at(startNs)
      recorder.delivered(1)
      return recorder.toData()
    })
    expect.assert(one !== undefined && other !== undefined)

    expect(() => mergeTimelines([one, other])).toThrow(
      'Cannot merge timelines that start at 1 ns and at 2 ns',
    )
  })

  test('gives the same however the events were spread over threads, in any order of threads', () => {
    fc.assert(
      fc.property(runs, fc.infiniteStream(fc.nat(2)), (events, threads) => {
        const recorders = [0, 1, 2].map(() => new TimelineRecorder(START_NS))
        for (const event of events) {
          const recorder = recorders[threads.next().value]
          if (recorder !== undefined) record(recorder, event)
        }
        const [one, other, third] = recorders.map(recorder => structuredClone(recorder.toData()))
        expect.assert(one !== undefined && other !== undefined && third !== undefined)

        const expected = mergeTimelines([recorded(events)])
        expect(mergeTimelines([one, other, third])).toEqual(expected)
        expect(mergeTimelines([third, one, other])).toEqual(expected)
        expect(mergeTimelines([other, third, one])).toEqual(expected)
      }),
    )
  })
})

describe('TimelineRecorder', () => {
  test('has all counts in a bounded number of slices after any events', () => {
    fc.assert(
      fc.property(runs, events => {
        const data = recorded(events)
        const { slices, sliceNs, lastNs } = data

        expect(totalsOf(data)).toEqual(expectedTotals(events))
        expect(slices.length).toBeLessThanOrEqual(SLICES_MAX)
        if (sliceNs > 10 * MS) expect(slices.length).toBeGreaterThan(SLICES_MAX / 2)
        expect(lastNs).toBe(Math.max(0, ...events.map(event => event.atNs)))
        expect(slices.length).toBe(
          events.length === 0 ? 0 : Math.max(0, Math.floor((lastNs - START_NS) / sliceNs)) + 1,
        )
      }),
    )
  })
})

interface Event {
  readonly atNs: number
  readonly kind: 'produced' | 'settled' | 'delivered' | 'inFlightPeak' | 'latency'
  readonly value: number
}

/** Events of runs from milliseconds to hours, some a little before the start. */
const runs: fc.Arbitrary<Event[]> = fc.integer({ min: 20, max: 46 }).chain(bits =>
  fc.array(
    fc.record({
      atNs: fc
        .double({ min: -0.01, max: 1, noNaN: true })
        .map(part => START_NS + Math.floor(part * 2 ** bits)),
      kind: fc.constantFrom('produced', 'settled', 'delivered', 'inFlightPeak', 'latency'),
      value: fc.integer({ min: 1, max: 1000 }),
    }),
    { maxLength: 200 },
  ),
)

function recorded(events: readonly Event[]): TimelineData {
  const recorder = new TimelineRecorder(START_NS)
  for (const event of events) record(recorder, event)
  return recorder.toData()
}

function record(recorder: TimelineRecorder, { atNs, kind, value }: Event): void {
  recorder.at(atNs)
  switch (kind) {
    case 'produced':
      return recorder.produced(value, value * 2)
    case 'settled':
      return recorder.settled(value, value + 1)
    default:
      return recorder[kind](value)
  }
}

function totalsOf({ slices }: TimelineData) {
  return {
    produced: sum(slices.map(slice => slice.produced)),
    settled: sum(slices.map(slice => slice.settled)),
    settleAnswers: sum(slices.map(slice => slice.settleAnswers)),
    delivered: sum(slices.map(slice => slice.delivered)),
    depthPeak: Math.max(0, ...slices.map(slice => slice.depthPeak)),
    inFlightPeak: Math.max(0, ...slices.map(slice => slice.inFlightPeak)),
    latencySumNs: sum(slices.map(slice => slice.latency?.sumNs ?? 0)),
  }
}

function expectedTotals(events: readonly Event[]): ReturnType<typeof totalsOf> {
  const valuesOf = (kind: Event['kind']) =>
    events.filter(event => event.kind === kind).map(event => event.value)
  const settled = valuesOf('settled')
  return {
    produced: sum(valuesOf('produced')),
    settled: sum(settled),
    settleAnswers: sum(settled) + settled.length,
    delivered: sum(valuesOf('delivered')),
    depthPeak: Math.max(0, ...valuesOf('produced')) * 2,
    inFlightPeak: Math.max(0, ...valuesOf('inFlightPeak')),
    latencySumNs: sum(valuesOf('latency')),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function timelineOf(...recorders: readonly TimelineRecorder[]) {
  return mergeTimelines(recorders.map(recorder => recorder.toData()))
}
