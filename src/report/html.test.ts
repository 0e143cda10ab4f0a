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
} from '../testing/example-results.ts'
import { FIGURES } from './figures.ts'
import { renderHtml } from './html.ts'

const EVERYTHING: readonly ScenarioResult[] = [
  measuredScenario({ budgets: [budget({})], warnings: ['The machine is busy'] }),
  failedScenario(),
  interruptedScenario(),
]

describe('renderHtml()', () => {
  test('shows verdict, figures, delivery, budgets, warnings and environment', () => {
    const html = renderHtml(exampleResults(EVERYTHING))
    expect(html).toContain('3 scenarios: 1 pass, 1 error, 1 interrupted; 1 warning')
    for (const { title } of FIGURES) expect(html).toContain(title)
    for (const text of ['12,346', 'exactly-once', 'max 50 ms', 'The machine is busy'])
      expect(html).toContain(text)
    for (const text of ['AMD EPYC 7B13, 2 cores', 'v24.21.0', '0a1b2c3d4e5f', 'embedded server'])
      expect(html).toContain(text)
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
    expect(html.match(/<table>/g)).toHaveLength(html.match(/<caption>/g)?.length ?? 0)
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

  test('stays under 60 KB for each scenario', () => {
    const scenarios = Array.from({ length: 50 }, () => measuredScenario())
    expect(renderHtml(exampleResults(scenarios)).length).toBeLessThan(50 * 60_000)
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
      warnings: [text],
    }),
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
