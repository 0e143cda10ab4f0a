import { describe, expect, test } from 'vitest'
import { formatAddress, parseAddress, readAddress } from './address.ts'

describe('readAddress()', () => {
  test.each([
    { text: 'localhost:9000', host: 'localhost', port: 9000 },
    { text: '127.0.0.1:1', host: '127.0.0.1', port: 1 },
    { text: 'broker-1.example.org:65535', host: 'broker-1.example.org', port: 65_535 },
    { text: '[::1]:9000', host: '::1', port: 9000 },
    { text: '[fe80::1%eth0]:9000', host: 'fe80::1%eth0', port: 9000 },
  ])('reads $text', ({ text, host, port }) => {
    expect(readAddress(text)).toEqual({ kind: 'address', host, port })
  })

  test.each([
    { text: '', reason: 'it has no host' },
    { text: 'localhost', reason: 'it has no port' },
    { text: 'localhost:', reason: 'it has no port' },
    { text: ':9000', reason: 'it has no host' },
    { text: 'localhost:0', reason: 'the port is not a whole number from 1 to 65535' },
    { text: 'localhost:99999', reason: 'the port is not a whole number from 1 to 65535' },
    { text: 'localhost:-1', reason: 'the port is not a whole number from 1 to 65535' },
    { text: 'localhost:9e3', reason: 'the port is not a whole number from 1 to 65535' },
    { text: '::1:9000', reason: 'an IPv6 address must stand in brackets' },
    { text: '[::1]', reason: 'it has no port' },
    { text: '[localhost]:9000', reason: 'the brackets hold no IPv6 address' },
    { text: '[]:9000', reason: 'the brackets hold no IPv6 address' },
    { text: '[::1:9000', reason: 'an IPv6 address must stand in brackets' },
    { text: 'a]:9000', reason: 'its brackets do not match' },
    { text: 'tcp://localhost:9000', reason: 'it has a character that no address has' },
    { text: 'local host:9000', reason: 'it has a character that no address has' },
  ])('refuses "$text" because $reason', ({ text, reason }) => {
    expect(readAddress(text)).toEqual({
      kind: 'invalid',
      reason: `${reason}; write it as localhost:9000 or [::1]:9000`,
    })
  })
})

test('parseAddress() throws with the address and the reason', () => {
  expect(() => parseAddress('localhost')).toThrow(/"localhost": it has no port/)
  expect(parseAddress('[::1]:9000')).toEqual({ host: '::1', port: 9000 })
})

test('formatAddress() puts an IPv6 address in brackets', () => {
  expect(formatAddress({ host: '::1', port: 9000 })).toBe('[::1]:9000')
  expect(formatAddress({ host: 'localhost', port: 9000 })).toBe('localhost:9000')
})
