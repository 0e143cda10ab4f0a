import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import nunjucks from 'nunjucks'
import type { RunResults, SuiteResult } from '../judge/result.ts'
import { barChart } from './bars.ts'
import { costTable, deliveryRows, latencyTable, settingsTable } from './detail-tables.ts'
import { DELIVERY_COUNTS, FIGURES } from './figures.ts'
import { resultsJson } from './json.ts'
import { type SuiteView, viewOf } from './view-model.ts'

/**
 * The report as one HTML file. It runs no script, loads nothing, and its content security policy
 * forbids both; names and messages from outside appear as text.
 */
export function renderHtml(results: RunResults): string {
  const view = viewOf(results)
  const css = readAsset('report.css')
  return template().render({
    css,
    cssHash: createHash('sha256').update(css).digest('base64'),
    view,
    suites: view.suites.map((suite, index) => suiteContext(suite, results.suites[index])),
    figures: FIGURES,
    deliveryCounts: [...DELIVERY_COUNTS.values()],
    json: jsonForScript(resultsJson(results)),
  })
}

function suiteContext(view: SuiteView, suite: SuiteResult | undefined) {
  const scenarios = suite?.scenarios ?? []
  return {
    ...view,
    charts: [
      barChart(scenarios, {
        title: 'Consumer throughput',
        metric: 'consumerThroughput',
        unit: 'msg/s',
      }),
      barChart(scenarios, { title: 'p95 latency', metric: 'latencyMs.p95', unit: 'ms' }),
    ],
    latency: latencyTable(scenarios),
    delivery: deliveryRows(scenarios),
    settings: settingsTable(scenarios),
    cost: costTable(scenarios),
    budgets: view.scenarios.flatMap(({ name, budgets }) =>
      budgets.map(budget => ({ name, ...budget })),
    ),
  }
}

/** JSON that `JSON.parse` reads as the same value, without what could end the element or hide. */
function jsonForScript(json: string): string {
  return json.replace(
    /[<>&\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function template(): nunjucks.Template {
  const environment = new nunjucks.Environment(null, {
    autoescape: true,
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  })
  return new nunjucks.Template(readAsset('report.njk'), environment)
}

function readAsset(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
}
