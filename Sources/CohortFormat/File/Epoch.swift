/// One life of a writer: a generation, one more at each start, and 96 random bits.
///
/// Two ledgers that went on separately from the same backup have the same generations but not the
/// same epochs. In text: 32 hexadecimal digits, the first eight the generation; behind a position,
/// as in `500@0000000c…`, it is a checkpoint.
///
///     0            4                                   16
///     ├────────────┼───────────────────────────────────┤
///     │ generation │ random                            │
///     │    u32     │ 12 bytes                          │
///     └────────────┴───────────────────────────────────┘
public struct Epoch: Hashable, Sendable {
  public let generation: UInt32
  /// The first four of the random bytes, and the last eight, each big-endian.
  let high: UInt32
  let low: UInt64

  init(generation: UInt32, high: UInt32, low: UInt64) {
    self.generation = generation
    self.high = high
    self.low = low
  }

  package init(generation: UInt32, random: some RandomBytes) {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: generation)
    bytes += random.bytes(Epoch.size - bytes.count)
    self.init(bytes.span, at: 0)
  }

  package init(_ bytes: Span<UInt8>, at offset: Int) {
    self.init(
      generation: bytes.littleEndian(at: offset),
      high: bytes.littleEndian(UInt32.self, at: offset + 4).byteSwapped,
      low: bytes.littleEndian(UInt64.self, at: offset + 8).byteSwapped)
  }

  package func append(to bytes: inout [UInt8]) {
    bytes.append(littleEndian: generation)
    bytes.append(littleEndian: high.byteSwapped)
    bytes.append(littleEndian: low.byteSwapped)
  }

  package static let size = 16
  /// Nobody starts a writer so often.
  ///
  /// Behind a log that says so nothing can be written.
  package static let generationMax: UInt32 = 1 << 31
}

extension Epoch: Comparable {
  /// By generation; the random bits only make the order total.
  public static func < (a: Epoch, b: Epoch) -> Bool {
    (a.generation, a.high, a.low) < (b.generation, b.high, b.low)
  }
}

extension Epoch: LosslessStringConvertible {
  /// Reads 32 hexadecimal digits; `nil` for anything else.
  public init?(_ text: String) {
    guard let words = hexadecimal(text, digits: [8, 8, 16]) else { return nil }
    self.init(
      generation: UInt32(truncatingIfNeeded: words[0]), high: UInt32(truncatingIfNeeded: words[1]),
      low: words[2])
  }

  public var description: String {
    hexadecimal(UInt64(generation), 8) + hexadecimal(UInt64(high), 8) + hexadecimal(low, 16)
  }
}
