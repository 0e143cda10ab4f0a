import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import nunjucks from 'nunjucks'
import type { RunResults, SuiteResult } from '../judge/result.ts'
import { barChart } from './bars.ts'
import { costTable, deliveryRows, latencyTable, openLoopTable } from './detail-tables.ts'
import { DELIVERY_COUNTS, FIGURES } from './figures.ts'
import { resultsJson } from './json.ts'
import { scenarioDetail } from './scenario-detail.ts'
import { settingsTable } from './scenario-settings.ts'
import { type SuiteView, viewOf } from './view-model.ts'

/**
 * The report as one HTML file. It runs no script, loads nothing, and its content security policy
 * forbids both; names and messages from outside appear as text.
 */
export function renderHtml(results: RunResults): string {
  const view = viewOf(results)
  const css = readAsset('report.css') + readAsset('scenario.css')
  return environment().render('report.njk', {
    css,
    cssHash: createHash('sha256').update(css).digest('base64'),
    view,
    suites: view.suites.map((suite, index) => suiteContext(suite, results.suites[index])),
    figures: FIGURES,
    deliveryCounts: [...DELIVERY_COUNTS.values()],
    json: jsonForScript(resultsJson(results, { indent: 0 })),
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
    openLoop: openLoopTable(scenarios),
    delivery: deliveryRows(scenarios),
    settings: settingsTable(scenarios),
    cost: costTable(scenarios),
    details: scenarios.map(scenarioDetail),
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

function environment(): nunjucks.Environment {
  const loader = { getSource: (path: string) => ({ path, src: readAsset(path), noCache: true }) }
  return new nunjucks.Environment(loader, {
    autoescape: true,
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  })
}

function readAsset(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), 'utf8')
}
