import CohortWire
import TestSupport
import Testing

@Suite struct `A scanner of eight bytes` {
  private func naive(_ bytes: [UInt8], _ start: Int, _ stops: (UInt8) -> Bool) -> Int {
    bytes[start...].firstIndex(where: stops) ?? bytes.count
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C
  }

  private func agrees(on bytes: [UInt8], from start: Int) -> Bool {
    let isStop = { (byte: UInt8) in byte >= 0x80 || [0x22, 0x2C, 0x0A, 0x0D].contains(byte) }
    return ByteScanner.endOfPlainString(in: bytes.span, from: start)
      == naive(bytes, start, isSpecial)
      && ByteScanner.endOfUnescaped(in: bytes.span, from: start)
        == naive(bytes, start) { $0 < 0x80 && isSpecial($0) }
      && ByteScanner.first(of: 0x22, 0x2C, 0x0A, 0x0D, in: bytes.span, from: start)
        == naive(bytes, start, isStop)
      && ByteScanner.first(of: 0x0A, in: bytes.span, from: start)
        == naive(bytes, start) { $0 == 0x0A }
  }

  @Test func `finds every byte at every place of every length`() {
    for byte in UInt8.min...UInt8.max {
      for count in [1, 7, 8, 9, 17] {
        for at in 0..<count {
          var bytes = [UInt8](repeating: 0x61, count: count)
          bytes[at] = byte
          #expect(agrees(on: bytes, from: 0))
          #expect(agrees(on: bytes, from: at))
        }
      }
    }
    #expect(agrees(on: [], from: 0))
  }

  /// A borrow runs from a byte into the next.
  @Test func `is not led astray by a neighbour`() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let bytes: [UInt8] = [0x61, 0x61, first, second, 0x61, 0x61, 0x61, 0x61]
        if !agrees(on: bytes, from: 0) { Issue.record("\(first), \(second)") }
      }
    }
  }

  @Test func `finds what the plain loop finds in random bytes`() {
    var random = SeededRandom(seed: 9)
    for _ in 0..<2000 {
      let mask: UInt8 = random.once(in: 2) ? 0x7F : 0x3F
      let bytes = random.bytes(random.below(40)).map { $0 & mask | 0x20 }
      #expect(agrees(on: bytes, from: random.below(bytes.count + 1)))
    }
  }
}

@Suite struct `A checker of UTF-8` {
  private func agrees(on bytes: [UInt8]) -> Bool {
    UTF8Checker.accepts(bytes.span) == (String(validating: bytes, as: UTF8.self) != nil)
  }

  @Test func `agrees with the standard library on every two bytes`() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max where !agrees(on: [first, second]) {
        Issue.record("\(first), \(second)")
      }
    }
  }

  @Test func `agrees with the standard library on the edges of three and four bytes`() {
    let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xFF]
    for first in UInt8(0xDF)...0xFF {
      for second in edges {
        for third in edges {
          #expect(agrees(on: [first, second, third]))
          for fourth in edges where !agrees(on: [first, second, third, fourth]) {
            Issue.record("\(first), \(second), \(third), \(fourth)")
          }
        }
      }
    }
  }

  @Test func `accepts every character`() {
    for scalar in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(scalar) else { continue }
      var checker = UTF8Checker()
      let isAccepted = UTF8.encode(scalar)?.allSatisfy { checker.accepts($0) }
      if isAccepted != true || !checker.isComplete { Issue.record("\(scalar.value)") }
    }
  }
}
