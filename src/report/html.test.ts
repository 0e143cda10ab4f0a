import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ScenarioResult } from '../judge/result.ts'
import {
  budget,
  correctness,
  exampleResults,
  failedScenario,
  interruptedScenario,
  measuredScenario,
  timeline,
} from '../testing/example-results.ts'
import {
  drainScenario,
  openLoopScenario,
  produceScenario,
  roundsScenario,
  searchScenario,
  sweptScenarios,
} from '../testing/example-scenarios.ts'
import { FIGURES } from './figures.ts'
import { renderHtml } from './html.ts'

const EVERYTHING: readonly ScenarioResult[] = [
  measuredScenario({ budgets: [budget({})], warnings: ['The machine is busy'] }),
  failedScenario(),
  interruptedScenario(),
  openLoopScenario(),
  roundsScenario(),
  ...sweptScenarios(),
  searchScenario(),
  produceScenario(),
  drainScenario(),
]

describe('renderHtml()', () => {
  test('shows verdict, figures, delivery, budgets, warnings and environment', () => {
    const html = renderHtml(exampleResults(EVERYTHING))
    expect(html).toContain('11 scenarios: 9 pass, 1 error, 1 interrupted; 1 warning')
    for (const { title } of FIGURES) expect(html).toContain(title)
    for (const text of ['12,346', 'exactly-once', 'max 50 ms', 'The machine is busy'])
      expect(html).toContain(text)
    for (const text of ['AMD EPYC 7B13, 2 cores', 'v24.21.0', '0a1b2c3d4e5f', 'embedded server'])
      expect(html).toContain(text)
  })

  test('shows of each scenario alone what its figures rest on', () => {
    const text = unescaped(renderHtml(exampleResults(EVERYTHING)))
    for (const words of [
      '2 producers, 10 consumers · 10,000 msg/s · Poisson arrivals · 100,000 messages',
      'Search: highest rate that passed 23,000 msg/s, failed at 24,000 msg/s (10 holds)',
      'latencyMs.p99 is 61.2 ms, over the maximum of 50 ms',
      "Little's law: L =",
      'Warm-up: 1,000 messages in 84.0 ms',
      'asleep in their idle back-off',
      '54 % of a core, 4,762 ms',
      'Timeline: 112 slices of 80 ms',
    ])
      expect(text).toContain(words)
    expect(text).toContain('<td class="number">25,805 <small>±4 %</small></td>')
    expect(text).toMatch(/<th scope="row">spread<\/th>\s*<td class="number">±4 %<\/td>/)
  })

  test('has the timeline in an element that opens without a script', () => {
    const html = renderHtml(exampleResults([measuredScenario()]))
    const details = /<details>([\s\S]*)<\/details>/.exec(html)?.[1] ?? ''
    expect(details).toContain('<summary>Timeline: 112 slices of 80 ms</summary>')
    expect(details.match(/<tr><th scope="row">/g)).toHaveLength(112)
    expect(details).toContain('<tr><th scope="row">0.08<td>13,388<td>12,175<td>1,025<td>1')
  })

  test('shows doubts beside violations', () => {
    const doubts = ['No rate passed, not even 1,000 msg/s']
    const html = renderHtml(exampleResults([searchScenario({ status: 'fail', doubts })]))
    const notes = html.slice(html.indexOf('id="notes"'), html.indexOf('class="suite"'))
    expect(notes).toContain('<span class="badge fail">fail</span>')
    expect(notes).toContain('No rate passed, not even 1,000 msg/s')
  })

  test('has no timeline, rounds or rates where there are none', () => {
    const empty = measuredScenario({ timeline: { sliceMs: 10, slices: [] } })
    const html = renderHtml(exampleResults([empty, failedScenario()]))
    for (const text of ['<details>', 'class="held"', '<th scope="col">round</th>', 'Open loop'])
      expect(html).not.toContain(text)
  })

  test('claims a delivery only where it was measured', () => {
    const html = renderHtml(
      exampleResults([
        measuredScenario({
          status: 'fail',
          correctness: correctness({ verdict: 'violated', lost: 3, reasons: ['3 were lost'] }),
        }),
      ]),
    )
    expect(markup(html)).not.toContain('exactly-once')
    expect(markup(html)).toContain('3 were lost')
    expect(html).toContain('<title>Fail –')
  })

  test('has real table markup', () => {
    const html = renderHtml(exampleResults(EVERYTHING))
    expect(html.match(/<table\b/g)).toHaveLength(html.match(/<caption>/g)?.length ?? 0)
    expect(html).toContain('<th scope="row">High-Concurrency Stress</th>')
    expect(html).toContain('<th scope="col" class="number">p95 latency <small>ms</small></th>')
    for (const [heading] of html.matchAll(/<th\b[^>]*>/g)) expect(heading).toContain('scope="')
  })

  test.each([
    '<script>alert(1)</script>',
    '"onmouseover="alert(1)" x=\'',
    '{{ 7 * 7 }}{% raw %}',
    '</style></title><img src=x onerror=alert(1)>',
    '<!--<script>',
  ])('shows the name %s as text wherever it stands', name => {
    const html = renderHtml(everywhere(name))
    expect(tagsOf(html)).toEqual(tagsOf(renderHtml(everywhere('harmless'))))
    expect(unescaped(markup(html))).toContain(name)
    expect(html).not.toContain('>49<')
  })

  test('shows controls as escapes', () => {
    const html = renderHtml(everywhere('a\u202eb\u001b[31m\nc\u2028d'))
    expect(unescaped(markup(html))).toContain('a\\u202eb\\u001b[31m\\nc\\u2028d')
    for (const character of ['\u202e', '\u001b', '\u2028']) expect(html).not.toContain(character)
  })

  test('embeds the results so that they come back as they were', () => {
    const results = everywhere('</script><!-- & \u2028')
    const json = /<script type="application\/json" id="results">([^<]*)<\/script>/.exec(
      renderHtml(results),
    )
    expect(JSON.parse(json?.[1] ?? '')).toEqual(results)
  })

  test('loads nothing, runs nothing, and forbids both', () => {
    const html = renderHtml(exampleResults(EVERYTHING))
    const style = /<style>([\s\S]*)<\/style>/.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`content="default-src 'none'; style-src 'sha256-${hash}';`)
    expect(html.match(/<script\b/g)).toHaveLength(1)
    expect(html).not.toMatch(/\bstyle=|\bon\w+=|https?:|url\(|@import|src=/)
  })

  test('names every element once', () => {
    const one = exampleResults(EVERYTHING)
    const html = renderHtml({ ...one, suites: [...one.suites, ...one.suites] })
    const ids = Array.from(html.matchAll(/\bid="([^"]*)"/g), ([, id]) => id)
    expect(ids.length).toBeGreaterThan(8)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, list = ''] of html.matchAll(/aria-labelledby="([^"]*)"/g))
      for (const id of list.split(' ')) expect(ids).toContain(id)
  })

  test('is a report even of nothing, and not a green one', () => {
    const html = renderHtml({ ...exampleResults([]), suites: [] })
    expect(html).toContain('<title>Fail – no scenarios: nothing was measured')
    expect(renderHtml(exampleResults([]))).toContain('bench/default.bench.json')
  })

  test('needs about 40 KB for each scenario with the longest timeline', () => {
    const measured = measuredScenario({ timeline: timeline(128, 80) })
    const [one = 0, eleven = 0] = [1, 11].map(
      length => renderHtml(exampleResults(Array.from({ length }, () => measured))).length,
    )
    expect((eleven - one) / 10).toBeLessThan(42_000)
  })
})

/** Results with `text` in every place that can hold text from outside. */
function everywhere(text: string) {
  const results = exampleResults([
    measuredScenario({
      name: text,
      status: 'fail',
      correctness: correctness({ verdict: 'violated', reasons: [text] }),
      budgets: [budget({ metric: text, verdict: 'no-data', reason: text })],
      doubts: [text],
      warnings: [text],
    }),
    searchScenario({
      name: text,
      group: text,
      found: {
        rate: null,
        failedAt: 1_000,
        holds: [{ rate: 1_000, verdict: 'fail', reasons: [text], metrics: {} }],
      },
    }),
    roundsScenario({ name: text }),
    failedScenario({ name: text, error: { code: 'INTERNAL', message: text } }),
  ])
  return {
    ...results,
    generatedAt: text,
    environment: { ...results.environment, cpu: text, platform: text, commit: text, node: text },
    suites: results.suites.map(suite => ({
      ...suite,
      file: text,
      server: { kind: 'address' as const, addr: text },
    })),
  }
}

function markup(html: string): string {
  return html.slice(html.indexOf('<body>'), html.indexOf('<script type="application/json"'))
}

function tagsOf(html: string): readonly string[] {
  return Array.from(html.matchAll(/<[^>]*>/g), ([tag]) => tag)
    .filter(tag => !tag.startsWith('<script'))
    .map(tag => tag.replace(/(?<=width=")[\d.]+%|(?<=aria-label=")[^"]*/g, ''))
}

function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&#92;', '\\')
    .replaceAll('&amp;', '&')
}
