import { z } from 'zod'

/** How many files and sockets this process may open; read once. Infinite where nothing says so. */
export function openFilesMax(): number {
  known ??= readOpenFilesMax()
  return known
}

let known: number | undefined

const reportSchema = z.object({
  userLimits: z.object({ open_files: z.object({ soft: z.number() }) }),
})

function readOpenFilesMax(): number {
  // With the network, a report resolves the name of every peer first.
  const report: typeof process.report & { excludeNetwork?: boolean } = process.report
  const before = report.excludeNetwork ?? false
  report.excludeNetwork = true
  try {
    const limits = reportSchema.safeParse(report.getReport()).data?.userLimits
    // A number, or 'unlimited'; Windows has no such limit.
    return limits?.open_files.soft ?? Number.POSITIVE_INFINITY
  } finally {
    report.excludeNetwork = before
  }
}
