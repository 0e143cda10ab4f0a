import { describe, expect, test } from 'vitest'
import type { SliceData } from './slice-counts.ts'
import { SLICES_MAX, TimelineRecorder } from './timeline-recorder.ts'

const MS = 1e6
const START_NS = 1000e9

describe('TimelineRecorder', () => {
  test('counts each event in the slice of its time, also when times go back', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS + 25 * MS)
    recorder.produced(3, 7)
    recorder.delivered(2)
    recorder.at(START_NS + 9 * MS)
    recorder.produced(1, 4)
    recorder.at(START_NS + 29 * MS)
    recorder.settled(1, 2)
    recorder.inFlightPeak(5)
    recorder.latency(2000)

    const { slices, ...rest } = recorder.toData()
    expect(rest).toEqual({
      startNs: START_NS,
      sliceNs: 10 * MS,
      lastNs: START_NS + 29 * MS,
      openingDepth: 0,
      openingInFlight: 0,
    })
    expect(slices).toEqual([
      slice({ produced: 1, depthPeak: 4 }),
      slice({}),
      slice({
        produced: 3,
        settled: 1,
        delivered: 2,
        settleAnswers: 2,
        depthPeak: 7,
        inFlightPeak: 5,
        latency: expect.objectContaining({ subBucketBits: 5, sumNs: 2000 }),
      }),
    ])
  })

  test('counts what is earlier than the start in the first slice', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS - 5 * MS)
    recorder.produced(2, 2)

    expect(recorder.toData().slices).toEqual([slice({ produced: 2, depthPeak: 2 })])
  })

  test('takes counts of 0 for nothing, whatever their time', () => {
    const recorder = new TimelineRecorder(START_NS)
    recorder.at(START_NS + 10_000 * MS)
    recorder.produced(0, 9)
    recorder.settled(0)
    recorder.delivered(0)
    recorder.inFlightPeak(0)

    expect(recorder.toData()).toMatchObject({ sliceNs: 10 * MS, lastNs: 0, slices: [] })
  })

  test('joins pairs of slices when the run outgrows them', () => {
    const recorder = new TimelineRecorder(START_NS)
    for (let index = 0; index < SLICES_MAX; index += 1) {
      recorder.at(START_NS + index * 10 * MS)
      recorder.produced(1, index)
      recorder.latency(index)
    }
    expect(recorder.toData().slices).toHaveLength(SLICES_MAX)

    recorder.at(START_NS + SLICES_MAX * 10 * MS)
    recorder.settled(1)

    const { sliceNs, slices } = recorder.toData()
    expect(sliceNs).toBe(20 * MS)
    expect(slices).toHaveLength(SLICES_MAX / 2 + 1)
    expect(slices[1]).toMatchObject({ produced: 2, depthPeak: 3, latency: { minNs: 2, maxNs: 3 } })
    expect(slices.at(-1)).toEqual(slice({ settled: 1, settleAnswers: 1 }))
  })

  test('startAt() keeps only the balance of what came before', () => {
    const recorder = new TimelineRecorder()
    recorder.at(START_NS - 7e12)
    recorder.produced(50, 50)
    recorder.delivered(10)
    recorder.at(START_NS - 1)
    recorder.settled(4, 6)
    recorder.startAt(START_NS)
    recorder.at(START_NS + 3)
    recorder.settled(1)

    expect(recorder.toData()).toEqual({
      startNs: START_NS,
      sliceNs: 10 * MS,
      lastNs: START_NS + 3,
      openingDepth: 46,
      openingInFlight: 4,
      slices: [slice({ settled: 1, settleAnswers: 1 })],
    })
  })
})

function slice(counts: Partial<SliceData>): SliceData {
  const none = { produced: 0, settled: 0, delivered: 0, settleAnswers: 0 }
  return { ...none, depthPeak: 0, inFlightPeak: 0, ...counts }
}
