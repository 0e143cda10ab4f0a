import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

/** Writes the time at which the first request arrives, then ends. Usage: PORT FILE */
const [port = '0', file = ''] = process.argv.slice(2)
createServer(socket => {
  socket.once('data', () => {
    writeFileSync(file, String(process.hrtime.bigint()))
    process.exit(0)
  })
}).listen(Number(port), '127.0.0.1')
