import { describe, expect, test } from 'vitest'
import { failedScenario, latency, measuredScenario, metrics } from '../testing/example-results.ts'
import { barChart } from './bars.ts'

const P95 = { title: 'p95 latency', metric: 'latencyMs.p95', unit: 'ms' } as const

describe('barChart()', () => {
  test('draws all bars on one scale from zero', () => {
    const chart = barChart([scenario('slow', 40), scenario('fast', 10)], P95)
    expect(chart.bars.map(bar => [bar.name, bar.length])).toEqual([
      ['slow', '100.00'],
      ['fast', '25.00'],
    ])
  })

  test('says in words what the bars show', () => {
    const chart = barChart([scenario('slow', 40), failedScenario({ name: 'crashed' })], P95)
    expect(chart.description).toBe('slow: 40.0 ms; crashed: no figure')
  })

  test('draws no bar for a scenario without the figure', () => {
    const chart = barChart([failedScenario(), measuredScenario({ metrics: {} })], P95)
    expect(chart.bars.map(bar => bar.length)).toEqual([undefined, undefined])
  })

  test('draws no bar on a scale of nothing but zeros', () => {
    expect(barChart([scenario('idle', 0)], P95).bars[0]).toMatchObject({ value: '0 ms' })
    expect(barChart([scenario('idle', 0)], P95).bars[0]?.length).toBeUndefined()
  })

  test('gives each bar a row of its own within the height', () => {
    const chart = barChart([scenario('one', 1), scenario('two', 2)], P95)
    const [one, two] = chart.bars
    expect.assert(one !== undefined && two !== undefined)
    expect(one.barY).toBeLessThan(two.textY)
    expect(two.barY).toBeLessThan(chart.height)
    expect(barChart([], P95)).toMatchObject({ height: 0, bars: [], description: '' })
  })

  test('shortens and defuses names', () => {
    const chart = barChart([scenario(`\u202e${'x'.repeat(80)}`, 1)], P95)
    expect(chart.bars[0]?.name).toMatch(/^\\u202ex+…$/)
    expect(chart.bars[0]?.name.length).toBeLessThanOrEqual(30)
  })
})

function scenario(name: string, p95: number) {
  return measuredScenario({ name, metrics: metrics({ latencyMs: latency(p95) }) })
}
