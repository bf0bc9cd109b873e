import CPlatform
import CohortFormat
import Testing

/// The engines that this machine has.
let crcEngines: [HashEngine] = platform_has_crc32c() ? [.portable, .processor] : [.portable]

@Suite struct `A CRC-32C` {
  /// RFC 3720, section B.4, and the check value of the catalogues.
  static let published: [(text: [UInt8], crc: UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283),
    ([], 0),
    ([UInt8](repeating: 0x00, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ((0..<32).map { $0 }, 0x46DD_794E),
    ((0..<32).map { 31 - $0 }, 0x113F_DB5C),
  ]

  @Test(arguments: crcEngines) func `has its published values`(engine: HashEngine) {
    for (text, crc) in Self.published {
      #expect(CRC32C().checksum(text.span, with: engine) == crc)
    }
  }

  @Test(arguments: crcEngines)
  func `is the remainder of the division, for every short length at every alignment`(
    engine: HashEngine
  ) {
    let text = noise(count: 316)
    for start in 0..<16 {
      var oracle = BitwiseCRC()
      for length in 0...300 {
        let crc = CRC32C().checksum(text.span.extracting(start..<start + length), with: engine)
        #expect(crc == oracle.value, "\(length) bytes at \(start)")
        oracle.update(text[start + length == text.count ? 0 : start + length])
      }
    }
  }

  @Test func `is the same from both engines wherever the three lanes begin and end`() {
    let text = noise(count: 600_000)
    let lengths =
      Array(430...500) + [1000, 1024, 4095, 4096, 4097, 65_536]
      + Array(196_600...196_624) + Array(393_220...393_240) + [text.count]
    for length in lengths {
      let bytes = text.span.extracting(text.count - length..<text.count)
      let portable = CRC32C().checksum(bytes, with: .portable)
      for engine in crcEngines {
        #expect(CRC32C().checksum(bytes, with: engine) == portable, "\(length) bytes")
      }
    }
  }

  @Test(arguments: crcEngines)
  func `does not depend on how the text is cut`(engine: HashEngine) {
    let text = noise(count: 600)
    let whole = CRC32C().checksum(text.span, with: engine)
    for cut in 0...600 {
      var crc = CRC32C()
      crc.update(text.span.extracting(0..<cut), with: engine)
      crc.update(text.span.extracting(cut...), with: engine)
      #expect(crc.value == whole)
    }
  }

  @Test func `that starts from a ledger id reads it as a prefix`() {
    let id = noise(count: 16)
    let text = Array("123456789".utf8)
    let start = CRC32C(after: id.span)
    #expect(start.checksum(text.span) == CRC32C().checksum((id + text).span))
    #expect(start.checksum(text.span) == start.checksum(text.span), "asking changes nothing")
    for bit in 0..<128 {
      var other = id
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32C(after: other.span).checksum(text.span) != start.checksum(text.span))
    }
  }

  @Test func `notices every flipped bit`() {
    var text = noise(count: 500)
    let whole = CRC32C().checksum(text.span)
    for bit in 0..<text.count * 8 {
      text[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32C().checksum(text.span) != whole)
      text[bit / 8] ^= 1 << (bit % 8)
    }
  }
}

/// The definition: one step of the division for each bit.
private struct BitwiseCRC {
  private var register: UInt32 = ~0

  var value: UInt32 { ~register }

  mutating func update(_ byte: UInt8) {
    register ^= UInt32(byte)
    for _ in 0..<8 { register = register >> 1 ^ (register & 1 == 1 ? 0x82F6_3B78 : 0) }
  }
}

/// Bytes without a pattern, the same in every run (xorshift).
func noise(count: Int) -> [UInt8] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}
